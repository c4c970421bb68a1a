/** JSON that many levels deep. */
export const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

/** Bodies of a send that are JSON, and wrong: the same over REST and as frames. */
export const wrongBodies: readonly (readonly [what: string, body: Record<string, unknown>])[] = [
  ['no content', {}],
  ['null for content', { content: null }],
  ['empty content', { content: '' }],
  ['a number for content', { content: 7 }],
  ['a list for content', { content: ['a'] }],
  ['an object for content', { content: { toString: 'a' } }],
  ['NUL in the content', { content: 'a\u0000b' }],
  ['a lone high surrogate', { content: 'a\ud800b' }],
  ['a lone low surrogate', { content: '\udc00' }],
  ['surrogates the wrong way round', { content: '\udc00\ud800' }],
  ['a number for the type', { content: 'a', message_type: 1 }],
  ['a client_message_id of 65 characters', { content: 'a', client_message_id: 'x'.repeat(65) }],
  ['an empty client_message_id', { content: 'a', client_message_id: '' }],
  ['a number for client_message_id', { content: 'a', client_message_id: 1 }],
  ['NUL in client_message_id', { content: 'a', client_message_id: '\u0000' }],
  ['a list for metadata', { content: 'a', metadata: [] }],
  ['text for metadata', { content: 'a', metadata: 'x' }],
  ['metadata of more than 16 KiB', { content: 'a', metadata: { x: 'x'.repeat(16_384) } }],
  ['NUL in metadata', { content: 'a', metadata: { x: '\u0000' } }],
  ['a lone surrogate in a key of metadata', { content: 'a', metadata: { '\ud800': 1 } }],
  ['a number for reply_to_id', { content: 'a', reply_to_id: 5 }],
];

/** What cannot be sent, but is not wrong in its shape. */
export const unknownTargets: readonly (readonly [what: string, body: Record<string, unknown>, code: string])[] = [
  ['a content of 5001 characters', { content: 'x'.repeat(5_001) }, 'content_too_long'],
  ['a reply to what never was', { content: 'a', reply_to_id: '9007199254740993' }, 'reply_target_not_found'],
  ['a reply to no id', { content: 'a', reply_to_id: 'abc' }, 'reply_target_not_found'],
  ['a type that no client may send', { content: 'a', message_type: 'system' }, 'message_type_not_allowed'],
  ['a type that nobody declared', { content: 'a', message_type: 'poll' }, 'message_type_not_allowed'],
  ['a thread that never was', { content: 'a', thread_root_id: '9007199254740993' }, 'thread_root_not_found'],
];
