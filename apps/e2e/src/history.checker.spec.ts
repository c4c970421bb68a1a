import { ConversationId, MessageId, type MessageView, UserId } from '@parley/contracts';
import { aMessage, type ChatClient, type ReceivedFrame } from '@parley/testing';
import { HistoryChecker, Witness } from './history.checker';

const message = (seq: number, fields: Partial<MessageView> = {}): MessageView =>
  aMessage({ id: MessageId.parse(String(seq + 100)), seq, client_message_id: `m${seq}`, ...fields });

const shown = (...messages: MessageView[]): ReceivedFrame[] =>
  messages.map((each) => ({
    event: 'new_message',
    payload: { conversation_id: each.conversation_id, rev: each.rev, message: each },
  }));

const synced = (messages: MessageView[], hasMore: boolean): ReceivedFrame => {
  const { seq, rev } = messages.at(-1) ?? { seq: 0, rev: 0 };
  const changes = { messages, changed: [], participants: [], has_more: hasMore, last_seq: seq, rev };
  const payload = { epoch: 'e', conversations: { 1: changes }, new_conversations: [], gone: [], has_more: hasMore };
  return { event: 'synced', payload };
};

function witnessOf(frames: readonly ReceivedFrame[]): Witness {
  const witness = new Witness('bob');
  witness.watch({ frames, listen: () => () => undefined } as unknown as ChatClient);
  return witness;
}

function check(history: MessageView[], frames: readonly ReceivedFrame[], acked: MessageView[] = []): string[] {
  const checker = new HistoryChecker();
  checker.expect(witnessOf(frames), ['1']);
  for (const each of acked) checker.acknowledge(each);
  return checker.violations(new Map([['1', history]]));
}

describe('HistoryChecker', () => {
  const [first, second, third] = [message(1), message(2), message(3)];
  const history = [first, second, third];

  it('is content where everybody was shown everything once and in order', () => {
    expect(check(history, shown(...history), [second])).toEqual([]);
  });

  it.each([
    ['a lost message', [first, third], 'was shown message 103 (seq 3) as number 2 of 2'],
    ['a lost last message', [first, second], 'was shown nothing as number 3 of 2'],
    ['a repeated message', [first, first, second, third], 'was shown message 101 (seq 1) as number 2 of 4'],
    ['messages out of order', [second, first, third], 'was shown message 102 (seq 2) as number 1 of 3'],
    [
      'a message that is not in the history',
      [...history, message(4)],
      'was shown message 104 (seq 4) as number 4 of 4',
    ],
    ['a rev that does not rise', [second, first], 'was shown rev 2 after rev 3'],
  ])('finds %s in what a device was shown', (_, messages, sentence) => {
    expect(check(history, shown(...messages))).toContainEqual(expect.stringContaining(sentence));
  });

  it.each([
    ['a gap of seq', [first, message(3)], 'has seq 3 at position 2'],
    ['a rev that does not rise', [first, message(2, { rev: first.rev })], 'rev falls at seq 2'],
    ['a key that was stored twice', [first, message(2, { client_message_id: 'm1' })], 'twice'],
  ])('finds %s in the history', (_, messages, sentence) => {
    expect(check(messages, shown(...messages))).toContainEqual(expect.stringContaining(sentence));
  });

  it('lets two senders use the same key', () => {
    const both = [first, message(2, { client_message_id: 'm1', sender_id: UserId.parse('bob') })];
    expect(check(both, shown(...both))).toEqual([]);
  });

  it.each([
    ['is lost', message(4)],
    ['became another', message(2, { id: MessageId.parse('7') })],
    ['is in no known conversation', message(1, { conversation_id: ConversationId.parse('9') })],
  ])('finds an acknowledged message that %s', (_, acked) => {
    expect(check(history, shown(...history), [acked])).toHaveLength(1);
  });

  it('counts what was caught up as shown, and goes on from there', () => {
    const frames = [synced([first, second], false), ...shown(third)];
    expect(check(history, frames)).toEqual([]);
    expect(witnessOf(frames).position()).toEqual({ 1: { seq: 3, rev: third.rev } });
  });

  it('lets what comes live wait until all that was missed is there', () => {
    const frames = [synced([first], true), ...shown(second, third), synced([second], false)];
    expect(check(history, frames)).toEqual([]);
  });
});
