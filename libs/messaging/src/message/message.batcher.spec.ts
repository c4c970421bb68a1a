import { type ConversationId, RawJson } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { aMessage } from '@parley/testing';
import { aSend, toDraft } from '../messaging.scene';
import { MessageBatcher } from './message.batcher';
import type { MessageDraft } from './message.draft';
import type { MessageWriter, WriteOutcome } from './message.writer';

/** One batch as the writer got it; it is in flight until it is answered. */
interface Batch {
  readonly contents: readonly string[];
  readonly isPatient: boolean;
  /** The database has answered; nobody is told of it yet. @returns was another batch begun? */
  commit(): boolean | undefined;
  answer(kind?: 'stored' | 'skipped' | ((draft: MessageDraft) => 'stored' | 'skipped')): void;
  fail(error: AppError): void;
}

class FakeWriter {
  readonly batches: Batch[] = [];

  write(drafts: readonly MessageDraft[], isPatient: boolean, committed?: () => boolean): Promise<WriteOutcome[]> {
    return new Promise((resolve) => {
      this.batches.push({
        contents: drafts.map((draft) => draft.content),
        isPatient,
        commit: () => committed?.(),
        answer: (kind = 'stored') =>
          resolve(drafts.map((draft) => outcome(typeof kind === 'function' ? kind(draft) : kind, draft))),
        fail: (error) => resolve(drafts.map(() => ({ kind: 'refused', error }))),
      });
    });
  }
}

function outcome(kind: 'stored' | 'skipped', draft: MessageDraft): WriteOutcome {
  return kind === 'skipped' ? { kind } : { kind, message: RawJson.of(aMessage({ content: draft.content })) };
}

let writer: FakeWriter;
let batcher: MessageBatcher;
beforeEach(() => {
  writer = new FakeWriter();
  batcher = new MessageBatcher(writer as Pick<MessageWriter, 'write'> as MessageWriter);
});
afterEach(() => jest.restoreAllMocks());

const later = () => Date.now() + 5_000;
const send = (conversation: number, content: string, deadlineAt = later()) =>
  batcher.send(toDraft(aSend({ conversationId: String(conversation) as ConversationId, content })), deadlineAt);
const numbered = (count: number) => Array.from({ length: count }, (_, i) => i);
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A machine that stands still for 10 ms would have what is few begun beside a batch. */
const stopTheClock = () => jest.spyOn(performance, 'now').mockReturnValue(performance.now());

/** Resolves when the writer has got `count` batches. */
async function batches(count: number): Promise<void> {
  while (writer.batches.length < count) await turn();
}

it('writes what arrives in one turn together, and at once', async () => {
  const sent = Promise.all([send(1, 'a'), send(2, 'b'), send(1, 'c')]);
  await turn();
  expect(writer.batches.map((batch) => batch.contents)).toEqual([['a', 'c', 'b']]);
  writer.batches[0]?.answer();
  expect((await sent).map(({ message }) => message.value.content)).toEqual(['a', 'b', 'c']);
});

it('has three batches in flight, of a hundred rows each, and gathers the rest', async () => {
  const sent = Promise.all(numbered(450).map((i) => send(i, String(i))));
  await turn();
  expect(writer.batches.map((batch) => batch.contents.length)).toEqual([100, 100, 100]);
  writer.batches[1]?.answer();
  await batches(4);
  expect(writer.batches[3]?.contents).toEqual(numbered(100).map((i) => String(300 + i)));
  for (const batch of writer.batches) batch.answer();
  await batches(5);
  writer.batches[4]?.answer();
  expect(await sent).toHaveLength(450);
});

it('lets what is few gather while a batch is in flight, until that is written', async () => {
  stopTheClock();
  const first = send(1, 'first');
  await turn();
  const few = numbered(49).map((i) => send(2 + i, String(i)));
  await turn();
  expect(writer.batches).toHaveLength(1);
  writer.batches[0]?.answer();
  await first;
  await batches(2);
  expect(writer.batches[1]?.contents).toEqual(numbered(49).map(String));
  writer.batches[1]?.answer();
  await Promise.all(few);
});

it('begins a second batch beside the first at once where there is enough for it', async () => {
  const first = send(1, 'first');
  await turn();
  const many = numbered(50).map((i) => send(2 + i, String(i)));
  await turn();
  expect(writer.batches[1]?.contents).toEqual(numbered(50).map(String));
  for (const batch of writer.batches) batch.answer();
  await Promise.all([first, ...many]);
});

it('begins no batch beside another for what only stands behind it', async () => {
  stopTheClock();
  const first = send(1, 'first');
  await turn();
  const behind = numbered(60).map((i) => send(1, String(i)));
  const other = send(2, 'other');
  await turn();
  expect(writer.batches).toHaveLength(1);
  writer.batches[0]?.answer();
  await first;
  await batches(2);
  expect(writer.batches[1]?.contents).toEqual(['other', ...numbered(60).map(String)]);
  writer.batches[1]?.answer();
  await Promise.all([...behind, other]);
});

it('holds what stands beside a long queue no longer than anything else', async () => {
  const sent = [send(1, 'first')];
  await turn();
  sent.push(...numbered(60).map((i) => send(1, String(i))), send(2, 'other'));
  await batches(2);
  expect(writer.batches[1]?.contents).toEqual(['other']);
  writer.batches[1]?.answer();
  writer.batches[0]?.answer();
  await batches(3);
  expect(writer.batches[2]?.contents).toEqual(numbered(60).map(String));
  writer.batches[2]?.answer();
  await Promise.all(sent);
});

it('counts the rest of what one batch could not hold when its conversation is free, and not before', async () => {
  stopTheClock();
  const sent = numbered(160).map((i) => send(1, String(i)));
  await turn();
  sent.push(send(2, 'other'));
  await turn();
  expect([writer.batches.length, writer.batches[0]?.commit()]).toEqual([1, true]);
  expect(writer.batches[1]?.contents).toEqual(['other']);
  writer.batches[0]?.answer();
  await batches(3);
  expect(writer.batches[2]?.contents).toEqual(numbered(60).map((i) => String(100 + i)));
  for (const batch of writer.batches) batch.answer();
  await Promise.all(sent);
});

it('begins the next batch when one is committed, before its sends are answered', async () => {
  stopTheClock();
  const first = send(1, 'first');
  await turn();
  const others = [send(1, 'behind it'), send(2, 'other')];
  await turn();
  expect([writer.batches.length, writer.batches[0]?.commit()]).toEqual([1, true]);
  expect(writer.batches[1]?.contents).toEqual(['other']);
  writer.batches[0]?.answer();
  expect((await first).message.value.content).toBe('first');
  expect(writer.batches[1]?.commit()).toBe(true);
  expect(writer.batches[2]?.contents).toEqual(['behind it']);
  expect(writer.batches[2]?.commit()).toBe(false);
  for (const batch of writer.batches) batch.answer();
  await Promise.all(others);
});

it('lets nothing wait for a batch that takes long', async () => {
  const first = send(1, 'first');
  await turn();
  const second = send(2, 'second');
  await batches(2);
  writer.batches[1]?.answer();
  await second;
  writer.batches[0]?.answer();
  await first;
});

it('keeps a conversation out of other batches while one holds it', async () => {
  const first = send(1, 'first');
  await turn();
  const others = Promise.all([send(1, 'second'), send(2, 'other'), send(1, 'third')]);
  await batches(2);
  expect(writer.batches.map((batch) => batch.contents)).toEqual([['first'], ['other']]);
  writer.batches[0]?.answer();
  await first;
  await batches(3);
  expect(writer.batches[2]?.contents).toEqual(['second', 'third']);
  writer.batches[1]?.answer();
  writer.batches[2]?.answer();
  await others;
});

it('writes a conversation in order that has more to say than one batch holds', async () => {
  const sent = Promise.all(numbered(250).map((i) => send(1, String(i))));
  for (const count of [1, 2, 3]) {
    await batches(count);
    writer.batches[count - 1]?.answer();
  }
  await sent;
  expect(writer.batches.flatMap((batch) => batch.contents)).toEqual(numbered(250).map(String));
});

it('drops what is past its deadline before it is written', async () => {
  const [late, inTime] = await Promise.allSettled([
    send(1, 'late', Date.now() - 1),
    send(1, 'in time'),
    turn().then(() => writer.batches[0]?.answer()),
  ]);
  expect(late).toMatchObject({ status: 'rejected', reason: { code: 'service_unavailable' } });
  expect(inTime).toMatchObject({ status: 'fulfilled' });
  expect(writer.batches.map((batch) => batch.contents)).toEqual([['in time']]);
});

it('asks for nothing when all that waits is past its deadline', async () => {
  await expect(send(1, 'late', Date.now() - 1)).rejects.toMatchObject({ code: 'service_unavailable' });
  await expect(batcher.close()).resolves.toBeUndefined();
  expect(writer.batches).toEqual([]);
});

it('tells every send of a batch why it failed', async () => {
  const results = Promise.allSettled([send(1, 'a'), send(2, 'b')]);
  await turn();
  writer.batches[0]?.fail(new AppError('service_unavailable'));
  for (const result of await results) expect(result).toMatchObject({ reason: { code: 'service_unavailable' } });
});

describe('a conversation that is skipped', () => {
  const skipFirst = (draft: MessageDraft) => (draft.conversationId === '1' ? 'skipped' : 'stored');

  it('comes again in front of what arrived since, and hinders nobody', async () => {
    const sent = Promise.all([send(1, 'a'), send(2, 'free'), send(1, 'b')]);
    await turn();
    const since = send(1, 'c');
    writer.batches[0]?.answer(skipFirst);
    await batches(2);
    expect(writer.batches[1]?.contents).toEqual(['a', 'b', 'c']);
    writer.batches[1]?.answer();
    expect((await sent)[1]?.message.value.content).toBe('free');
    await since;
  });

  it('is waited for at once, in a batch of its own beside the three others', async () => {
    const held = send(1, 'held');
    await batches(1);
    writer.batches[0]?.answer('skipped');
    await batches(2);
    expect(writer.batches[1]).toMatchObject({ contents: ['held'], isPatient: true });
    const others = Promise.all(numbered(300).map((i) => send(i + 2, 'other')));
    await batches(5);
    for (const batch of writer.batches.slice(1)) batch.answer();
    await Promise.all([held, others]);
  });

  it('is tried a few times while another is waited for, and then waited for as well', async () => {
    const first = send(1, 'first');
    await batches(1);
    writer.batches[0]?.answer('skipped');
    await batches(2);
    const second = send(2, 'second');
    for (const count of [3, 4, 5, 6]) {
      await batches(count);
      expect(writer.batches[count - 1]).toMatchObject({ contents: ['second'], isPatient: false });
      writer.batches[count - 1]?.answer('skipped');
    }
    await turn();
    expect(writer.batches).toHaveLength(6);
    writer.batches[1]?.answer();
    await batches(7);
    expect(writer.batches[6]).toMatchObject({ contents: ['second'], isPatient: true });
    writer.batches[6]?.answer();
    await Promise.all([first, second]);
  });
});

describe('closing', () => {
  it('writes what has come, and takes no more', async () => {
    const sent = send(1, 'a');
    const closed = batcher.close();
    await expect(send(1, 'b')).rejects.toMatchObject({ code: 'service_unavailable' });
    await batches(1);
    writer.batches[0]?.answer();
    await Promise.all([sent, closed]);
  });
});
