import { anAttachment } from '@parley/testing';
import { aSend, toDraft } from '../messaging.scene';
import { type MessageDraft } from './message.draft';
import { type AllottedRow, toNewMessageView } from './message.mapper';
import { newMessageText } from './new-message.text';

const row: AllottedRow = {
  id: '17',
  seq: '3',
  rev: '9',
  created_at: '2026-01-20T10:00:00.000Z',
  sender_name: 'Alice',
  sender_avatar_url: null,
  reply_to_content: null,
};
const awkward = 'a "quoted" \\ line\nwith \u0001, 😀, \u2028 and é';

it.each<[string, Partial<MessageDraft>, Partial<AllottedRow>]>([
  ['a plain message', {}, {}],
  ['awkward text', { content: awkward }, { sender_name: awkward, sender_avatar_url: 'https://x.test/a?b="' }],
  ['a message of nothing but its file', { content: '', attachments: [anAttachment()] }, {}],
  ['a reply in a thread', { replyToId: '5' as never, threadRootId: '4' as never }, { reply_to_content: awkward }],
  ['mentions', { mentions: ['', 'bob', '"'] }, {}],
  ['metadata', { metadata: { a: [1, { b: awkward }], c: null } }, {}],
  ['the key of a client', { idempotencyKey: `c${awkward}` }, {}],
  ['a key that the gateway made', { idempotencyKey: 'g1' }, {}],
])('%s is written as JSON writes it', (_, draft, allotted) => {
  const view = toNewMessageView({ ...toDraft(aSend()), ...draft }, { ...row, ...allotted });
  expect(newMessageText(view)).toBe(JSON.stringify(view));
});
