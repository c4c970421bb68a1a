import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import {
  type RawJson,
  type RequestOf,
  type ResponseOf,
  type Rpc,
  type ScheduledMessageView,
  ScheduleMessage,
  SendMessage,
  type SendMessageBody,
  type ViewedMessage,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { UserSession } from '../auth/user.session';
import { toConversationId, toReplyTarget, toThreadRoot } from '../client.ids';
import { toSentView } from './sent.view';

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
   * Sends one message, or keeps it until its `send_at`; the answer means committed.
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
  ): Promise<RawJson<ViewedMessage> | ScheduledMessageView> {
    const request = toSendRequest(session, conversationId, body);
    const sendAt = body.send_at ?? undefined;
    if (sendAt === undefined) {
      const { message, duplicate } = await this.insist(SendMessage, request, requestId);
      return toSentView(message, duplicate);
    }
    const later = { ...request, sendAt: new Date(sendAt).toISOString() };
    return (await this.insist(ScheduleMessage, later, requestId)).scheduled;
  }

  private async insist<R extends Rpc>(rpc: R, request: RequestOf<R>, requestId: string): Promise<ResponseOf<R>> {
    const endsAt = Date.now() + budgetMs;
    for (let backoffMs = firstBackoffMs; ; backoffMs *= 2) {
      try {
        const timeoutMs = Math.min(attemptMs, endsAt - Date.now());
        return await this.rpc.call(rpc, request, { requestId, timeoutMs });
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

/** @throws AppError for ids that can name nothing, and for a message that says nothing. */
function toSendRequest({ userId }: UserSession, conversationId: string, body: SendMessageBody): SendRequest {
  const attachmentIds = body.attachment_ids ?? [];
  const content = body.content ?? '';
  if (content === '' && attachmentIds.length === 0) {
    throw new AppError('validation_failed', { issues: [{ path: 'content', message: 'must not be empty' }] });
  }
  return {
    conversationId: toConversationId(conversationId),
    senderId: userId,
    key: toKey(body),
    content,
    messageType: body.message_type ?? 'text',
    replyToId: body.reply_to_id ? toReplyTarget(body.reply_to_id) : null,
    threadRootId: body.thread_root_id ? toThreadRoot(body.thread_root_id) : null,
    attachmentIds,
    mentions: body.mentions ?? [],
    metadata: body.metadata ?? null,
  };
}

/** Minted keys have a name space of their own: a client cannot guess its way into another's send. */
function toKey(body: SendMessageBody): SendRequest['key'] {
  const clientKey = body.client_message_id ?? body.local_temp_id;
  return clientKey ? { by: 'client', id: clientKey } : { by: 'gateway', id: randomUUID() };
}
