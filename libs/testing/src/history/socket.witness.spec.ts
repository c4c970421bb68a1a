import { aConversation } from '../builder/conversation.builder';
import { aMessage } from '../builder/message.builder';
import { SocketWitness } from './socket.witness';

type Told = [event: string, payload: object];

const nothing = { messages: [], changed: [], participants: [], has_more: false };
const session: Told = ['session', { heads: { 1: { seq: 3, rev: 5 } } }];
const synced: Told = ['synced', { conversations: { 1: { rev: 5 } }, new_conversations: [] }];
const message = (seq: number, rev: number, messageRev = rev): Told => [
  'new_message',
  { conversation_id: '1', rev, message: aMessage({ seq, rev: messageRev }) },
];
const change = (event: string, rev: number, fields: object = {}): Told => [
  event,
  { conversation_id: '1', rev, ...fields },
];
const created = (rev: number, seq: number): Told =>
  change('conversation_created', rev, { conversation: aConversation({ last_seq: seq }) });
const resync: Told = ['resync', { conversation_ids: ['1'], reason: 'test' }];
const removed = (userId: string, rev: number) => change('participant_removed', rev, { user_id: userId });

function watch(...told: readonly Told[]): SocketWitness {
  const witness = new SocketWitness('socket', 'bob', false);
  for (const [event, payload] of told) witness.hear({ event, payload });
  return witness;
}

it('is content with changes that come one after another', () => {
  const { wrongs, gaps } = watch(
    session,
    message(4, 6),
    change('message_edited', 7),
    removed('carol', 8),
    message(5, 9),
  );
  expect({ wrongs, gaps }).toEqual({ wrongs: [], gaps: [] });
});

it.each<[string, Told[], string]>([
  ['a repeated change', [message(4, 6), message(4, 6)], 'rev 6 of conversation 1 after rev 6'],
  ['a change that comes too late', [message(4, 6), change('reaction_added', 5)], 'rev 5 of conversation 1 after rev 6'],
  ['a change that the session covers', [change('reaction_added', 5)], 'rev 5 of conversation 1 after rev 5'],
  ['a missing message', [message(5, 6)], 'message 5 of conversation 1 after message 3'],
  ['a repeated message', [message(4, 6), message(4, 7)], 'message 4 of conversation 1 after message 4'],
  [
    'a change of a conversation that was left',
    [removed('bob', 6), message(4, 7)],
    'new_message (rev 7) of conversation 1, in which it is not',
  ],
  [
    'a change of a conversation that is over',
    [change('conversation_deleted', 6), message(4, 7)],
    'new_message (rev 7) of conversation 1, in which it is not',
  ],
  [
    'a receipt of a conversation that was left',
    [removed('bob', 6), ['message_read', { conversation_id: '1', user_id: 'carol', up_to_seq: 3 }]],
    'message_read of conversation 1, in which it is not',
  ],
  ['an entry into what it is in', [created(5, 3)], 'brought into conversation 1 at rev 5 again'],
  ['a second session', [session], 'session again'],
])('finds %s', (_, told, sentence) => {
  expect(watch(session, ...told).wrongs).toContainEqual(expect.stringContaining(sentence));
});

it('finds events that come before the session, and before the answer to the heads that it gave', () => {
  expect(watch(message(1, 2)).wrongs).toEqual(['socket was shown new_message before session']);
  const witness = new SocketWitness('socket', 'bob', true);
  for (const [event, payload] of [session, message(4, 6), synced]) witness.hear({ event, payload });
  expect(witness.wrongs).toEqual(['socket was shown new_message before synced']);
});

it('allows receipts of what it is in, and what is of no conversation', () => {
  const receipt: Told = ['message_read', { conversation_id: '1', user_id: 'carol', up_to_seq: 3 }];
  expect(watch(session, receipt, ['user_status_change', { user_id: 'carol' }]).wrongs).toEqual([]);
});

it('keeps every epoch that it was told of', () => {
  const witness = watch(['session', { epoch: 'e', heads: {} }]);
  witness.hearSync({ epoch: 'another', conversations: {}, new_conversations: [], gone: [], has_more: false });
  expect([...witness.epochs]).toEqual(['e', 'another']);
});

it('lets what the answer to its heads had no room for begin anywhere, and end once', () => {
  const cut: Told = ['synced', { conversations: {}, new_conversations: [], has_more: true }];
  const witness = new SocketWitness('socket', 'bob', true);
  const told = [['session', { heads: {} }], cut, message(7, 9), message(8, 10), removed('bob', 11)] as const;
  for (const [event, payload] of told) witness.hear({ event, payload });
  expect(witness.wrongs).toEqual([]);
  const [event, payload] = message(9, 12);
  witness.hear({ event, payload });
  expect(witness.wrongs).toEqual([expect.stringContaining('in which it is not')]);
});

it('notes a gap, for the history to tell whether it is one', () => {
  const { wrongs, gaps } = watch(session, message(4, 6), change('message_edited', 9));
  expect({ wrongs, gaps }).toEqual({ wrongs: [], gaps: [{ conversationId: '1', after: 6, before: 9 }] });
});

it('allows a gap, and messages that are left out, after a resync, once', () => {
  const { wrongs, gaps } = watch(session, resync, message(9, 20), message(10, 22));
  expect({ wrongs, gaps }).toEqual({ wrongs: [], gaps: [{ conversationId: '1', after: 20, before: 22 }] });
});

it('lets a removal of its own user come early', () => {
  expect(watch(session, removed('bob', 9)).gaps).toEqual([]);
});

it('follows a conversation from where it was brought in, and again after a removal', () => {
  const { wrongs, gaps } = watch(
    ['session', { heads: {} }],
    created(5, 3),
    message(4, 6),
    removed('bob', 7),
    created(9, 5),
    message(6, 10),
  );
  expect({ wrongs, gaps }).toEqual({ wrongs: [], gaps: [] });
});

it('keeps every rev that the socket was told of, in whatever way, but for where an answer was cut', () => {
  const witness = watch(session, message(4, 6, 8));
  witness.hearSync({
    epoch: 'e',
    conversations: { 2: { ...nothing, last_seq: 1, rev: 11 }, 3: { ...nothing, last_seq: 1, rev: 7, has_more: true } },
    new_conversations: [],
    gone: [],
    has_more: false,
  });
  expect([...witness.seen].map(([id, revs]) => [id, [...revs.keys()]])).toEqual([
    ['1', [5, 6, 8]],
    ['2', [11]],
  ]);
});
