/** What kind of failure a code is: every edge maps kinds, never single codes. */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'wrong_method'
  | 'conflict'
  | 'too_large'
  | 'unsupported_media'
  | 'unsatisfiable'
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
  wrong_method: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media: 415,
  unsatisfiable: 416,
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
  /** The field of the request that is wrong, for a code that can only be about that one. */
  readonly path?: string;
}

const entry = (kind: ErrorKind, detail: string, retryable = false): Entry => ({ kind, retryable, detail });
const field = (path: string, detail: string): Entry => ({ ...entry('invalid', detail), path });

/** Every error that a client of Parley can meet, over REST and over sockets alike. Codes are stable; sentences are not. */
export const catalogue = {
  malformed_request: entry('malformed', 'The request could not be read'),
  unknown_event: entry('malformed', 'There is no such event'),
  invalid_token: entry('unauthenticated', 'Invalid token'),
  token_expired: entry('unauthenticated', 'Invalid token'),
  not_a_participant: entry('forbidden', 'Not a participant in this conversation'),
  participant_muted: entry('forbidden', 'You are muted in this conversation'),
  posting_restricted: entry('forbidden', 'Only admins and moderators may post in this conversation'),
  insufficient_role: entry('forbidden', 'Your role in this conversation does not allow this'),
  not_for_direct: entry('forbidden', 'This cannot be done in a direct conversation'),
  user_blocked: entry('forbidden', 'You are blocked by this user'),
  user_banned: entry('forbidden', 'This user is banned'),
  admin_only: entry('forbidden', 'This needs the role admin'),
  not_the_sender: entry('forbidden', 'Only the sender of a message may do this'),
  edit_window_over: entry('forbidden', 'It is too late to edit this message'),
  delete_window_over: entry('forbidden', 'It is too late to delete this message'),
  user_mismatch: entry('forbidden', 'The token belongs to another user'),
  origin_not_allowed: entry('forbidden', 'Pages of this origin are not allowed to call this server'),
  link_invalid: entry('forbidden', 'The link is not valid, or no longer'),
  route_not_found: entry('not_found', 'There is no such route'),
  method_not_allowed: entry('wrong_method', 'This route has other methods'),
  conversation_not_found: entry('not_found', 'Conversation not found'),
  message_not_found: entry('not_found', 'Message not found'),
  user_not_found: entry('not_found', 'User not found'),
  participant_not_found: entry('not_found', 'There is no such participant in this conversation'),
  scheduled_not_found: entry('not_found', 'There is no such scheduled message'),
  file_not_found: entry('not_found', 'File not found'),
  idempotency_mismatch: entry('conflict', 'This client_message_id was used before for another message'),
  message_deleted: entry('conflict', 'The message was deleted'),
  last_admin: entry('conflict', 'The last admin cannot leave or step down before naming another'),
  username_taken: entry('conflict', 'This username belongs to another user'),
  scheduled_already_sent: entry('conflict', 'The message was sent already'),
  scheduled_failed: entry('conflict', 'The message was due and could not be sent'),
  payload_too_large: entry('too_large', 'The request is too large'),
  file_too_large: entry('too_large', 'File too large'),
  unsupported_media_type: entry('unsupported_media', 'This content type is not accepted'),
  file_type_not_allowed: entry('unsupported_media', 'File type not allowed'),
  range_not_satisfiable: entry('unsatisfiable', 'The file has no such range of bytes'),
  validation_failed: entry('invalid', 'The request is invalid'),
  unknown_users: entry('invalid', 'Some users do not exist'),
  content_too_long: field('content', 'The message is too long'),
  message_type_not_allowed: field('message_type', 'This message type is not accepted'),
  message_not_editable: entry('invalid', 'Only text messages can be edited'),
  too_many_reactions: field('emoji', 'The message has as many different reactions as it may have'),
  thread_root_not_found: field('thread_root_id', 'The thread does not start in this conversation'),
  reply_target_not_found: field('reply_to_id', 'The message replied to is not in this conversation'),
  file_damaged: entry('invalid', 'The file is damaged'),
  file_infected: entry('invalid', 'The file was refused by the virus scanner'),
  image_too_large: entry('invalid', 'The picture has too many pixels'),
  duration_mismatch: field('duration', 'The duration is not that of the recording'),
  attachment_not_found: field('attachment_ids', 'An attachment is not an upload of the sender to this conversation'),
  attachment_already_used: field('attachment_ids', 'An attachment is in a message already, or in a scheduled one'),
  attachment_mismatch: field('attachment_ids', 'The attachments do not fit the message type'),
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
