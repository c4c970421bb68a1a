import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import {
  ConversationId,
  MessageId,
  type MessageView,
  type RequestOf,
  SendMessage,
  type SendMessageBody,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { UserSession } from '../auth/user.session';

/** How long a client waits for one send in all, in milliseconds. */
const budgetMs = 5_000;
/** How long one attempt may take, in milliseconds: half of the budget, so that a lost answer leaves time to ask again. */
const attemptMs = 2_500;
/** About how long to wait before the second attempt, in milliseconds; doubled for each further one. */
const firstBackoffMs = 50;

type SendRequest = RequestOf<typeof SendMessage>;

/** Sends messages on behalf of clients, over REST and sockets alike. */
@Injectable()
export class MessageSender {
  constructor(private readonly rpc: RpcClient) {}

  /**
   * Sends one message; the answer means committed.
   *
   * While the service is unavailable it asks again, for 5 seconds in all. That is safe, because every send has a key: the
   * client's, or one made here. When it gives up the outcome is unknown, and the client's key finds it out.
   *
   * @throws AppError what `SendMessage` tells, or `service_unavailable`.
   */
  async send(
    session: UserSession,
    conversationId: string,
    body: SendMessageBody,
    requestId: string,
  ): Promise<MessageView> {
    const request = toSendRequest(session, conversationId, body);
    const endsAt = Date.now() + budgetMs;
    for (let backoffMs = firstBackoffMs; ; backoffMs *= 2) {
      try {
        const timeoutMs = Math.min(attemptMs, endsAt - Date.now());
        return (await this.rpc.call(SendMessage, request, { requestId, timeoutMs })).message;
      } catch (error) {
        const isWorthRetrying = error instanceof AppError && error.code === 'service_unavailable';
        // Spread, so that all sends that one outage hit do not come back at one moment.
        const waitMs = backoffMs * (0.5 + Math.random());
        if (!isWorthRetrying || Date.now() + waitMs >= endsAt) throw error;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }
}

/** @throws AppError for ids that can name nothing: conversations and messages have decimal ones. */
function toSendRequest({ userId }: UserSession, conversationId: string, body: SendMessageBody): SendRequest {
  const id = ConversationId.safeParse(conversationId);
  if (!id.success) throw new AppError('conversation_not_found');
  return {
    conversationId: id.data,
    senderId: userId,
    key: toKey(body),
    content: body.content,
    messageType: body.message_type ?? 'text',
    replyToId: toReplyTarget(body.reply_to_id),
    metadata: body.metadata ?? null,
  };
}

/** Minted keys have a name space of their own: a client cannot guess its way into another's send. */
function toKey(body: SendMessageBody): SendRequest['key'] {
  const clientKey = body.client_message_id ?? body.local_temp_id;
  return clientKey ? { by: 'client', id: clientKey } : { by: 'gateway', id: randomUUID() };
}

/** Absent, `null` and the empty string mean the same: no reply. */
function toReplyTarget(replyToId: string | null | undefined): MessageId | null {
  if (replyToId === undefined || replyToId === null || replyToId === '') return null;
  const id = MessageId.safeParse(replyToId);
  if (!id.success) throw new AppError('reply_target_not_found');
  return id.data;
}
