import { hash } from 'node:crypto';
import { countCharacters, type RequestOf, type SendMessage } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { RequestedMessage } from './message.draft';

type SendRequest = RequestOf<typeof SendMessage>;

/** @throws AppError `content_too_long` above `maxLength` characters. */
export function checkContentLength(content: string, maxLength: number): void {
  // A character is one or two UTF-16 units: most contents need no counting.
  if (content.length <= maxLength || countCharacters(content) <= maxLength) return;
  throw new AppError('content_too_long', { detail: `The message is longer than ${maxLength} characters` });
}

/** Does a draft under a key that was used before ask for the same message again? */
export function isSameRequest(firstHash: string, { requestHash }: Pick<RequestedMessage, 'requestHash'>): boolean {
  return firstHash === requestHash;
}

/** @param sendAt when it is to be sent, where that is not now. */
export function toRequested(request: SendRequest, sendAt: string | null = null): RequestedMessage {
  const { conversationId, senderId, key, content, messageType, replyToId, threadRootId, attachmentIds } = request;
  return {
    conversationId,
    senderId,
    idempotencyKey: (key.by === 'client' ? 'c' : 'g') + key.id,
    requestHash: hashRequest(request, sendAt),
    content,
    messageType,
    replyToId,
    threadRootId,
    attachmentIds,
    mentionIds: request.mentions,
    metadata: request.metadata ?? {},
    isScheduled: sendAt !== null,
  };
}

/** What the client gave as client_message_id, if it gave any. */
export function clientMessageId(idempotencyKey: string): string | null {
  return idempotencyKey.startsWith('c') ? idempotencyKey.slice(1) : null;
}

/**
 * 16 bytes in hex tell one request from another under the same key; nobody gains by a collision with his own message.
 *
 * Hashes are kept for ever: what is added to a request must leave the hash of those alone that do without.
 */
function hashRequest(request: SendRequest, sendAt: string | null): string {
  const { content, messageType, replyToId, threadRootId, attachmentIds, mentions, metadata } = request;
  const first = [content, messageType, replyToId, metadata ?? {}];
  const hasAdded = threadRootId !== null || attachmentIds.length > 0 || mentions.length > 0 || sendAt !== null;
  // Most requests hold no keys that would have to be put in order.
  if (!hasAdded && isEmpty(metadata)) return digest(JSON.stringify(first));
  const added = {
    ...(threadRootId !== null && { thread_root_id: threadRootId }),
    ...(attachmentIds.length > 0 && { attachment_ids: attachmentIds }),
    ...(mentions.length > 0 && { mentions: [...new Set(mentions)].sort() }),
    ...(sendAt !== null && { send_at: sendAt }),
  };
  return digest(canonicalJson(hasAdded ? [...first, added] : first));
}

function isEmpty(metadata: SendRequest['metadata']): boolean {
  for (const _name in metadata) return false;
  return true;
}

function digest(meaning: string): string {
  return hash('sha256', meaning).slice(0, 32);
}

/** JSON in which the order of an object's keys does not show. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join()}}`;
}
