import { judge } from './history.checker';
import type { AckedChange, MembershipChange, RunRecord } from './run.record';
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
    ['in no conversation', { ...send, conversationId: '8' }, 'there is nothing'],
  ])('an acknowledged message %s', (_, sent, sentence) => {
    expect(broken({ sends: [sent] })).toEqual({ acked: [expect.stringContaining(sentence)] });
  });

  it('a message that was stored twice under its key', () => {
    const messages = [aStoredMessage({ seq: 1 }), aStoredMessage({ seq: 2, clientMessageId: 'm1' })];
    expect(broken(with7(aStoredConversation({ messages })))).toEqual({
      once: ['conversation 7 holds ["alice","m1"] twice'],
    });
  });

  it('a repeated send that was answered with another message', () => {
    const violations = broken({ sends: [send, { ...send, id: '101', seq: 1 }] });
    expect(violations['once']).toEqual(['the send ["7","alice","m2"] was acknowledged as two messages']);
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

  it('a burst that was stored in another order', () => {
    const [first, second, third] = aRun().sends;
    if (!first || !second || !third) throw new Error('the run has sends');
    expect(broken({ bursts: [[first, third, second]] })).toEqual({
      pipelined: ['m2 (seq 2) of alice is before m3 (seq 3) in conversation 7, though it was sent after it'],
    });
    expect(broken({ bursts: [[first, second, third]] })).toEqual({});
  });

  it.each([
    ['is not served', undefined],
    ['is served with other bytes', false],
  ])('a file that %s', (how, isIntact) => {
    const file = { conversationId: '7', seq: 1, fileId: 'f1', isIntact };
    expect(broken({ files: [file] })).toEqual({ files: [`the file f1 of message 1 of conversation 7 ${how}`] });
    const messages = [aStoredMessage({ seq: 1, isDeleted: true })];
    expect(broken({ ...with7(aStoredConversation({ messages })), files: [file] })).toEqual({});
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

  const bobsWay = (...steps: readonly [rev: number, isIn: boolean][]): readonly MembershipChange[] =>
    steps.map(([rev, isIn]) => ({ userId: 'bob', rev, isIn }));

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
  const failure = { userId: 'bob', what: 'send', code: 'internal_error', isExplained: false };
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

  it('but allows a refusal that has its reason', () => {
    expect(broken({ failures: [{ ...failure, code: 'not_a_participant', isExplained: true }] })).toEqual({});
  });
});
