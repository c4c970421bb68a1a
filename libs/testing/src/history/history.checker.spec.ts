import { judge } from './history.checker';
import type { AckedChange, MessageChange, RunRecord, TimedMembershipChange } from './run.record';
import { aDevice, aRun, aSocket, aStoredConversation, aStoredMessage } from './run-record.builder';

/** The rules that a run breaks, each with what it says. */
function broken(fields: Partial<RunRecord>): Record<string, readonly string[]> {
  const verdicts = judge(aRun(fields)).filter(({ violations }) => violations.length > 0);
  return Object.fromEntries(verdicts.map(({ rule, violations }) => [rule, violations]));
}

/** The run whose conversation is another one, shown by all devices as it is. */
function with7(conversation: ReturnType<typeof aStoredConversation>): Partial<RunRecord> {
  return {
    conversations: [conversation],
    sends: [],
    devices: [aDevice('alice', conversation), aDevice('bob', conversation)],
  };
}

const send = aRun().sends[1] ?? fail();
function fail(): never {
  throw new Error('the run has sends');
}

it('finds nothing in a run in which nothing went wrong', () => {
  expect(broken({})).toEqual({});
});

describe('of what is stored it finds', () => {
  it.each([
    ['that is lost', { ...send, seq: 4, id: '104' }, 'there is nothing'],
    ['that became another', { ...send, id: '999' }, 'there is message 102 (m2)'],
    ['that lost its key', { ...send, clientMessageId: 'other' }, 'there is message 102 (m2)'],
    ['that got the content of another', { ...send, content: 'message 3' }, 'it says "message 2"'],
    ['in no conversation', { ...send, conversationId: '8' }, 'there is nothing'],
  ])('an acknowledged message %s', (_, sent, sentence) => {
    expect(broken({ sends: [sent] })).toEqual({ acked: [expect.stringContaining(sentence)] });
  });

  it('a message that was stored twice under its key', () => {
    const messages = [
      aStoredMessage({ seq: 1 }),
      aStoredMessage({ seq: 2, clientMessageId: 'm1', content: 'message 1' }),
    ];
    expect(broken(with7(aStoredConversation({ messages })))).toEqual({
      once: ['conversation 7 holds ["alice","m1"] twice'],
    });
  });

  it('a repeated send that was answered with another message', () => {
    const violations = broken({ sends: [send, { ...send, id: '101', seq: 1 }] });
    expect(violations['once']).toEqual(['the send ["7","alice","m2"] was acknowledged as two messages']);
  });

  it.each([
    ['under no key', { clientMessageId: null }, '(no key, "message 2") was sent by nobody'],
    ['under another key', { clientMessageId: 'other' }, '(other, "message 2") was sent by nobody'],
    ["under another sender's name", { senderId: 'bob' }, '(m2, "message 2") was sent by nobody'],
    ['with another content', { content: 'lie' }, '(m2, "lie") says what nobody wrote'],
  ])('a message that was stored %s', (_, fields, what) => {
    const messages = [aStoredMessage({ seq: 1 }), aStoredMessage({ seq: 2, ...fields })];
    const wanted = aRun().wanted;
    expect(broken({ ...with7(aStoredConversation({ messages })), wanted })).toEqual({
      asked: [`message 2 of conversation 7 ${what}`],
    });
  });

  it.each([
    ['was deleted', { content: '', isDeleted: true }, '(m2, "") was deleted by nobody'],
    ['was edited', { content: 'lie', isEdited: true }, '(m2, "lie") says what nobody wrote'],
    ['has a reaction', { reactions: { '👍': ['bob'] } }, '(m2, "message 2") has a 👍 of bob, who did not react'],
  ])('a message that %s, which nobody asked for', (_, fields, what) => {
    const messages = [aStoredMessage({ seq: 1 }), aStoredMessage({ seq: 2, ...fields })];
    const place = { conversationId: '7', seq: 2, userId: 'bob' };
    const begun: MessageChange[] = [
      { ...place, kind: 'edit', content: 'another lie' },
      { ...place, kind: 'reaction', emoji: '👍', isThere: false },
      { ...place, seq: 1, kind: 'delete' },
    ];
    expect(broken({ ...with7(aStoredConversation({ messages })), begun })).toEqual({
      asked: [`message 2 of conversation 7 ${what}`],
    });
  });

  it('but allows a message that its sender edited or deleted, and one whose answer was missed', () => {
    const messages = [
      aStoredMessage({ seq: 1, content: 'corrected', isEdited: true }),
      aStoredMessage({ seq: 2, content: '', isDeleted: true }),
      aStoredMessage({ seq: 3 }),
    ];
    const { wanted, sends } = aRun();
    const run = { ...with7(aStoredConversation({ messages })), wanted, sends: sends.slice(0, 2) };
    expect(broken(run)).toEqual({});
  });

  it('but allows a repeated send that was answered with the same message', () => {
    expect(broken({ sends: [send, send] })).toEqual({});
  });

  it('a hole in seq', () => {
    const messages = [aStoredMessage({ seq: 1 }), aStoredMessage({ seq: 3 })];
    expect(broken(with7(aStoredConversation({ messages, lastSeq: 3, rev: 4 })))).toMatchObject({
      numbered: ['conversation 7 holds 2 messages of 3', 'conversation 7 has seq 3 at place 2'],
    });
  });

  it.each([
    ['a hole in rev', [1, 2, 4], 'conversation 7 has no change with rev 3, and stands at 4'],
    ['a rev that two transactions gave', [1, 2, 3, 3, 4], 'conversation 7 gave rev 3 twice'],
    ['a change beyond the head', [1, 2, 3, 4, 5], 'conversation 7 has a change with rev 5, and stands at 4'],
  ])('%s', (_, revs, sentence) => {
    expect(broken(with7(aStoredConversation({ revs })))).toEqual({ numbered: [sentence] });
    expect(broken(with7(aStoredConversation({ revs: [1, 2, 3, 4] })))).toEqual({});
  });

  it('a burst that was stored in another order', () => {
    const [first, second, third] = aRun().sends;
    if (!first || !second || !third) throw new Error('the run has sends');
    expect(broken({ bursts: [[first, third, second]] })).toEqual({
      pipelined: ['m2 (seq 2) of alice is before m3 (seq 3) in conversation 7, though it was sent after it'],
    });
    expect(broken({ bursts: [[first, second, third]] })).toEqual({});
  });

  it.each([
    ['is not served', 'f1', undefined],
    ['is served with other bytes', 'f1', false],
    ['is not in it', 'f2', true],
  ])('a file that %s', (how, attached, isIntact) => {
    const files = [{ conversationId: '7', seq: 1, fileId: 'f1', isIntact }];
    const run = (fields: object) => ({
      ...with7(aStoredConversation({ messages: [aStoredMessage({ seq: 1, ...fields })] })),
      files,
    });
    expect(broken(run({ attachments: [attached] }))).toEqual({
      files: [`the file f1 of message 1 of conversation 7 ${how}`],
    });
    expect(broken(run({ isDeleted: true }))).toEqual({});
  });

  it.each([
    ['a rev that was given twice', { rev: 3 }, 'gave rev 3 twice'],
    ['a rev beyond the head', { rev: 9 }, 'message 1 has rev 9, the conversation 4'],
    ['messages that were created in another order', { createdRev: 3, rev: 4 }, 'the rev of creation falls at seq 2'],
  ])('%s', (_, fields, sentence) => {
    const messages = [aStoredMessage({ seq: 1, ...fields }), aStoredMessage({ seq: 2 }), aStoredMessage({ seq: 3 })];
    const { numbered } = broken(with7(aStoredConversation({ messages })));
    expect(numbered).toContainEqual(expect.stringContaining(sentence));
  });

  const change = { conversationId: '7', userId: 'bob' };
  it.each<[string, AckedChange, string]>([
    ['an edit', { ...change, kind: 'edit', seq: 1, content: 'corrected' }, 'the message says "message 1"'],
    ['a deletion', { ...change, kind: 'delete', seq: 1 }, 'the message is there'],
    ['a reaction', { ...change, kind: 'reaction', seq: 1, emoji: '👍', isThere: true }, 'not there'],
    ['a change of a message', { ...change, kind: 'edit', seq: 9, content: 'x' }, 'there is no such message'],
    ['a read mark', { ...change, kind: 'read', seq: 2 }, 'the cursor is at 0'],
    ['a removal', { ...change, kind: 'membership', isIn: false }, 'the user is in'],
    ['an addition', { ...change, userId: 'carol', kind: 'membership', isIn: true }, 'no such participant'],
    ['a change of a conversation', { ...change, conversationId: '8', kind: 'delete', seq: 1 }, 'is gone'],
  ])('%s that is not there, though it was acknowledged', (_, acked, sentence) => {
    expect(broken({ changes: [acked] })).toEqual({ applied: [expect.stringContaining(sentence)] });
  });

  it('a read mark that went back', () => {
    const participants = aStoredConversation().participants.map((each) => ({ ...each, lastReadSeq: 1 }));
    const read = (seq: number): AckedChange => ({ ...change, kind: 'read', seq });
    expect(broken({ ...with7(aStoredConversation({ participants })), changes: [read(2), read(1)] })).toEqual({
      applied: ['reading conversation 7 up to 2 by bob was acknowledged: the cursor is at 1'],
    });
  });

  it('but asks only for the last of the changes of one thing, and for none of a deleted message', () => {
    const conversation = aStoredConversation({
      rev: 8,
      messages: [
        aStoredMessage({ seq: 1, content: 'second', rev: 6, isEdited: true }),
        aStoredMessage({ seq: 2, content: '', rev: 8, isDeleted: true }),
      ],
      lastSeq: 2,
    });
    const edit = (seq: number, content: string): AckedChange => ({ ...change, kind: 'edit', seq, content });
    const changes = [
      edit(1, 'first'),
      edit(1, 'second'),
      edit(2, 'gone'),
      { ...change, kind: 'delete', seq: 2 } as const,
    ];
    expect(broken({ ...with7(conversation), changes })).toEqual({});
  });

  it('an unread count that is no count', () => {
    const unread = [{ userId: 'bob', conversationId: '7', told: 4, counted: 3 }];
    expect(broken({ unread })).toEqual({
      unread: ['bob is told of 4 unread messages in conversation 7, where 3 are'],
    });
  });
});

describe('of what was shown it finds', () => {
  it('whatever a socket saw that cannot be', () => {
    const socket = aSocket('bob', 1);
    socket.wrongs.push('bob/1.1 was shown rev 2 of conversation 7 after rev 3');
    expect(broken({ sockets: [socket] })).toEqual({ ordered: socket.wrongs });
  });

  const gap = (after: number, before: number, ...told: number[]) => {
    const socket = aSocket('bob', after, before, ...told);
    socket.gaps.push({ conversationId: '7', after, before });
    return socket;
  };

  it('a message that a socket was not shown', () => {
    expect(broken({ sockets: [gap(2, 4)] })).toEqual({
      complete: ['bob/1.1 was not shown message 2 (rev 3), between rev 2 and rev 4 of conversation 7'],
    });
  });

  it('a change of a message, and of a participant, that a socket was not shown', () => {
    const conversation = aStoredConversation({
      rev: 7,
      messages: [aStoredMessage({ seq: 1, rev: 4 }), aStoredMessage({ seq: 2 })],
      participants: [{ userId: 'bob', rev: 5, isIn: true, lastReadSeq: 0 }],
    });
    expect(broken({ ...with7(conversation), sockets: [gap(3, 7)] })['complete']).toEqual([
      expect.stringContaining('the change of message 1 (rev 4)'),
      expect.stringContaining('the change of participant bob (rev 5)'),
    ]);
  });

  it('but allows gaps where a later change has replaced what was not shown, or an earlier view has told it', () => {
    const conversation = aStoredConversation({
      rev: 6,
      messages: [aStoredMessage({ seq: 1, rev: 5 }), aStoredMessage({ seq: 2 })],
    });
    expect(broken({ ...with7(conversation), sockets: [gap(3, 5), gap(3, 6, 5)] })).toEqual({});
  });

  it('a socket that was told of another history', () => {
    const socket = aSocket('bob', 1, 2);
    socket.epochs.add('another');
    expect(broken({ sockets: [aSocket('alice', 1, 2), socket] })).toEqual({
      epoch: ['bob/1.1 was told of epoch another, not e'],
    });
  });

  it.each([
    ['without a conversation', aStoredConversation({ id: '8' }), 'does not show conversation 7'],
    ['behind', aStoredConversation({ rev: 3 }), 'at seq 3 and rev 3, not at 3 and 4'],
    ['without a message', aStoredConversation({ messages: [], lastSeq: 3, rev: 4 }), 'without message 1'],
    [
      'with another content',
      aStoredConversation({ messages: [aStoredMessage({ seq: 1, content: 'lie' })], lastSeq: 3, rev: 4 }),
      'with another content of message 1',
    ],
    [
      'with other reactions',
      aStoredConversation({ messages: [aStoredMessage({ seq: 1, reactions: { '👍': ['bob'] } })], lastSeq: 3, rev: 4 }),
      'with another reactions of message 1',
    ],
    [
      'without a file',
      aStoredConversation({ messages: [aStoredMessage({ seq: 1, attachments: ['f1'] })], lastSeq: 3, rev: 4 }),
      'with another attachments of message 1',
    ],
    [
      'with a message too many',
      aStoredConversation({ messages: [1, 2, 3, 4].map((seq) => aStoredMessage({ seq })), lastSeq: 3, rev: 4 }),
      'with messages that are not stored',
    ],
  ])('a device that ends up %s', (_, shown, sentence) => {
    const { converged } = broken({ devices: [aDevice('bob', shown)] });
    expect(converged).toContainEqual(expect.stringContaining(sentence));
  });

  it('a device that shows what its user is not in', () => {
    expect(broken({ devices: [aDevice('carol', aStoredConversation())] })).toEqual({
      converged: ['carol/1 shows conversation 7, in which its user is not'],
    });
  });

  const bobsWay = (...steps: readonly [rev: number, isIn: boolean][]): readonly TimedMembershipChange[] =>
    steps.map(([rev, isIn]) => ({ userId: 'bob', rev, isIn, at: 0 }));

  it.each([
    ['after the removal', [1, 2, 3], [3]],
    ['between the removal and the return', [2, 3, 5], [3]],
  ])('a removed user who was told of changes %s', (_, seen, leaked) => {
    const memberships = bobsWay([1, true], [2, false], [4, true]);
    const { confined } = broken({
      conversations: [aStoredConversation({ memberships })],
      sockets: [aSocket('bob', ...seen)],
    });
    expect(confined).toEqual(leaked.map((rev) => expect.stringContaining(`was told of rev ${rev}`) as string));
  });

  it('a user who was told of a conversation without ever being in it', () => {
    expect(broken({ sockets: [aSocket('carol', 2)] })).toEqual({
      confined: ['carol/1.1 was told of conversation 7, in which its user never was'],
    });
  });

  it('but allows the removal itself, and the history from before somebody came', () => {
    const memberships = bobsWay([3, true], [4, false]);
    const conversations = [aStoredConversation({ memberships })];
    expect(broken({ conversations, sockets: [aSocket('bob', 1, 2, 3, 4)] })).toEqual({});
  });
});

describe('of the processes it finds', () => {
  const presence = { userId: 'alice', viewerId: 'bob', status: 'online', hasSocket: true };
  const failure = { userId: 'bob', what: 'send', code: 'internal_error', from: 100_000, until: 101_000 };
  it.each<[string, Partial<RunRecord>, string, string]>([
    [
      'somebody who is online without a socket',
      { presence: [{ ...presence, hasSocket: false }] },
      'presence',
      'alice is online to bob, without a socket',
    ],
    [
      'somebody who is offline with a socket',
      { presence: [{ ...presence, status: 'offline' }] },
      'presence',
      'alice is offline to bob, with a socket',
    ],
    [
      'somebody of whom nobody knows',
      { presence: [{ ...presence, status: undefined }] },
      'presence',
      'alice is unknown to bob, with a socket',
    ],
    ['a request that failed', { failures: [failure] }, 'answered', 'send of bob ended with internal_error'],
    ['what was not announced', { outboxRows: 2 }, 'outbox', '2 rows wait in the outbox'],
    ['a process that was not ready', { lapses: ['gateway-1 answered 503'] }, 'ready', 'gateway-1 answered 503'],
    ['a process that ended', { deaths: ['gateway-1 ended (1)'] }, 'alive', 'gateway-1 ended (1)'],
    [
      'a slow recovery',
      { recoveries: [{ fault: 'kill-gateway', tookMs: 1_500 }] },
      'recovery',
      'after kill-gateway it took 1500 ms until everybody was served again, not 1000',
    ],
    [
      'no recovery',
      { recoveries: [{ fault: 'kill-gateway', tookMs: undefined }] },
      'recovery',
      'after kill-gateway not everybody was served again',
    ],
  ])('%s', (_, fields, rule, sentence) => {
    expect(broken(fields)).toEqual({ [rule]: [sentence] });
  });

  const refused = (fields: object) => [{ ...failure, conversationId: '7', ...fields }];
  const moves = (...steps: readonly [at: number, isIn: boolean][]) => [
    aStoredConversation({
      memberships: steps.map(([at, isIn], index) => ({ userId: 'bob', rev: index + 1, isIn, at })),
    }),
  ];

  it.each([
    ['was in it all the time', moves([0, true])],
    ['left it later', moves([0, true], [101_001, false])],
    ['came back long before', moves([0, true], [50_000, false], [80_000, true])],
  ])('somebody who was refused as an outsider and %s', (_, conversations) => {
    expect(broken({ conversations, sockets: [], failures: refused({ code: 'not_a_participant' }) })).toEqual({
      answered: ['send of bob in conversation 7 ended with not_a_participant'],
    });
  });

  it.each([
    ['left before', moves([0, true], [90_000, false])],
    ['left meanwhile', moves([0, true], [100_500, false])],
    ['was out for a moment', moves([0, true], [100_500, false], [100_600, true])],
    ['came back just before: that takes its time', moves([0, true], [90_000, false], [99_900, true])],
    ['came later', moves([102_000, true])],
    ['was never in it', moves()],
  ])('but allows it where somebody %s', (_, conversations) => {
    expect(broken({ conversations, sockets: [], failures: refused({ code: 'not_a_participant' }) })).toEqual({});
  });

  it('a message that was called deleted and is there', () => {
    const failures = refused({ code: 'message_deleted', seq: 2, what: 'edit' });
    expect(broken({ failures })).toEqual({
      answered: ['edit of bob in message 2 of conversation 7 ended with message_deleted'],
    });
    const messages = [aStoredMessage({ seq: 1 }), aStoredMessage({ seq: 2, isDeleted: true })];
    expect(broken({ ...with7(aStoredConversation({ messages })), failures })).toEqual({});
  });
});
