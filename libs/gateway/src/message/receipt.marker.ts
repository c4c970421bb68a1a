import { Injectable } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import {
  type DeliveredCursorView,
  MarkReceived,
  type ReadCursorView,
  type ReceiptBody,
  type RequestOf,
  type ResponseOf,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { UserSession } from '../auth/user.session';
import { toConversationId, toMessageId } from '../client.ids';

/** Up to where something was read, or got: with neither a seq nor a message, everything in the conversation. */
export type ReceiptTarget = ReceiptBody & { readonly conversation_id?: string | null | undefined };

type UpTo = RequestOf<typeof MarkReceived>['upTo'];
type Cursor = ResponseOf<typeof MarkReceived>;

/** Moves the cursors of users who say what they have read or got, over REST and sockets alike. */
@Injectable()
export class ReceiptMarker {
  constructor(private readonly rpc: RpcClient) {}

  async read({ userId }: UserSession, target: ReceiptTarget, requestId: string): Promise<ReadCursorView> {
    const request = { userId, kind: 'read' as const, upTo: toUpTo(target) };
    const cursor = await this.rpc.call(MarkReceived, request, { requestId });
    return { ...toView(cursor), read_at: cursor.at };
  }

  async deliver({ userId }: UserSession, target: ReceiptTarget, requestId: string): Promise<DeliveredCursorView> {
    const request = { userId, kind: 'delivered' as const, upTo: toUpTo(target) };
    const cursor = await this.rpc.call(MarkReceived, request, { requestId });
    return { ...toView(cursor), delivered_at: cursor.at };
  }
}

/** @throws AppError for ids that can name nothing, and for a target that names nothing. */
function toUpTo({ conversation_id, message_id, up_to_seq }: ReceiptTarget): UpTo {
  const named = conversation_id ?? undefined;
  const conversationId = named === undefined ? undefined : toConversationId(named);
  if (message_id !== undefined && message_id !== null) {
    return { by: 'message', messageId: toMessageId(message_id), conversationId };
  }
  if (conversationId === undefined) throw new AppError('conversation_not_found');
  return up_to_seq === undefined || up_to_seq === null
    ? { by: 'everything', conversationId }
    : { by: 'seq', conversationId, seq: up_to_seq };
}

function toView({ conversationId, upToSeq, unreadCount, mentionCount }: Cursor) {
  return {
    conversation_id: conversationId,
    up_to_seq: upToSeq,
    unread_count: unreadCount,
    mention_count: mentionCount,
  };
}
