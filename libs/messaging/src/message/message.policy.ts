import { hash } from 'node:crypto';
import { countCharacters, type RequestOf, type SendMessage } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { MessageDraft } from './message.draft';

/** @throws AppError `content_too_long` above `maxLength` characters. */
export function checkContentLength(content: string, maxLength: number): void {
  // A character is one or two UTF-16 units: most contents need no counting.
  if (content.length <= maxLength || countCharacters(content) <= maxLength) return;
  throw new AppError('content_too_long', { detail: `The message is longer than ${maxLength} characters` });
}

/** Does a draft under a key that was used before ask for the same message again? */
export function isSameRequest(firstHash: string, draft: MessageDraft): boolean {
  return firstHash === draft.requestHash;
}

export function toDraft(request: RequestOf<typeof SendMessage>): MessageDraft {
  const { conversationId, senderId, key, content, messageType, replyToId } = request;
  const metadata = request.metadata ?? {};
  return {
    conversationId,
    senderId,
    idempotencyKey: (key.by === 'client' ? 'c' : 'g') + key.id,
    requestHash: hashRequest(content, messageType, replyToId, metadata),
    content,
    messageType,
    replyToId,
    metadata,
  };
}

/** What names a message once and for all, as one string. The separator is in no id. */
export function idempotencyName({ conversationId, senderId, idempotencyKey }: MessageDraft): string {
  return `${conversationId}\0${senderId}\0${idempotencyKey}`;
}

/** What the client gave as client_message_id, if it gave any. */
export function clientMessageId(idempotencyKey: string): string | null {
  return idempotencyKey.startsWith('c') ? idempotencyKey.slice(1) : null;
}

/** 16 bytes in hex tell one request from another under the same key; nobody gains by a collision with his own message. */
function hashRequest(...meaning: readonly unknown[]): string {
  return hash('sha256', canonicalJson(meaning)).slice(0, 32);
}

/** JSON in which the order of an object's keys does not show. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join()}}`;
}
