/** What kind of failure a code is: every edge maps kinds, never single codes. */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unsupported_media'
  | 'invalid'
  | 'limited'
  | 'unavailable'
  | 'internal';

/** The HTTP status that stands for a kind (RFC 9110). */
export const statusOfKind: Record<ErrorKind, number> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported_media: 415,
  invalid: 422,
  limited: 429,
  unavailable: 503,
  internal: 500,
};

interface Entry {
  readonly kind: ErrorKind;
  /** May the same request succeed later, unchanged? */
  readonly retryable: boolean;
  /** The sentence that a client sees as `detail`, unless the thrower knows a better one. */
  readonly detail: string;
}

const entry = (kind: ErrorKind, detail: string, retryable = false): Entry => ({ kind, retryable, detail });

/** Every error that a client of Parley can meet, over REST and over sockets alike. Codes are stable; sentences are not. */
export const catalogue = {
  malformed_request: entry('malformed', 'The request could not be read'),
  unknown_event: entry('malformed', 'There is no such event'),
  invalid_token: entry('unauthenticated', 'Invalid token'),
  token_expired: entry('unauthenticated', 'Invalid token'),
  origin_not_allowed: entry('forbidden', 'This origin may not connect'),
  not_a_participant: entry('forbidden', 'Not a participant in this conversation'),
  participant_muted: entry('forbidden', 'You are muted in this conversation'),
  posting_restricted: entry('forbidden', 'Only admins and moderators may post in this conversation'),
  user_mismatch: entry('forbidden', 'The token belongs to another user'),
  route_not_found: entry('not_found', 'There is no such route'),
  conversation_not_found: entry('not_found', 'Conversation not found'),
  message_not_found: entry('not_found', 'Message not found'),
  user_not_found: entry('not_found', 'User not found'),
  idempotency_mismatch: entry('conflict', 'This client_message_id was used before for another message'),
  payload_too_large: entry('too_large', 'The request is too large'),
  unsupported_media_type: entry('unsupported_media', 'This content type is not accepted'),
  validation_failed: entry('invalid', 'The request is invalid'),
  unknown_users: entry('invalid', 'Some users do not exist'),
  content_too_long: entry('invalid', 'The message is too long'),
  reply_target_not_found: entry('invalid', 'The message replied to is not in this conversation'),
  rate_limited: entry('limited', 'Too many requests', true),
  service_unavailable: entry('unavailable', 'The service is temporarily unavailable', true),
  internal_error: entry('internal', 'Something went wrong on our side'),
} as const satisfies Record<string, Entry>;

/** A stable snake_case word for one way to fail. */
export type ErrorCode = keyof typeof catalogue;

/** True for words of the catalogue: what arrives from another process may be newer than this one. */
export function isErrorCode(word: string): word is ErrorCode {
  return Object.hasOwn(catalogue, word);
}
