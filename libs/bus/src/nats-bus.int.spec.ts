import { Controller } from '@nestjs/common';
import { connect, createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import type { ResponseOf } from '@parley/contracts';
import { describeWith } from '@parley/testing';
import { type BusProcess, describeBus, startOnBus } from './bus.suite';
import { outgoing } from './event/outgoing.event';
import { freshId, Inbox, listenerOf, Noted } from './event/event.suite';
import { aNatsConfig, natsModules, removeStream } from './nats/nats.scene';
import { streamName } from './nats/nats.stream';
import { readRequestBundle, toRequestBundle, toRequestText } from './nats/request.bundle';
import { RpcHandler } from './rpc/rpc.handler';
import { Say } from './rpc/rpc.suite';

const tooLargeForNats = 'x'.repeat(2 * 1024 * 1024);

let answeredBy: string[] = [];

/** A replica that says which one it was. */
function replica(name: string) {
  @Controller()
  class ReplicaController {
    @RpcHandler(Say)
    say({ text }: { readonly text: string }): ResponseOf<typeof Say> {
      answeredBy.push(name);
      return { text: text === 'much' ? tooLargeForNats : text };
    }
  }
  return ReplicaController;
}

describeWith('nats')('the NATS bus', () => {
  const config = aNatsConfig();
  const modules = () => natsModules(config);
  let raw: NatsConnection;

  beforeAll(async () => {
    raw = await connect({ servers: config.url });
  });
  afterAll(async () => {
    await raw.close();
    await removeStream(config);
  });

  describeBus(modules);

  describe('with two replicas of a service', () => {
    let replicas: BusProcess[];
    const anyOf = (): BusProcess => replicas[0] as BusProcess;

    beforeAll(async () => {
      replicas = [await startOnBus(modules(), [replica('one')]), await startOnBus(modules(), [replica('two')])];
    });
    beforeEach(() => {
      answeredBy = [];
    });
    afterAll(() => Promise.all(replicas.map((process) => process.stop())));

    it('shares the calls between them and gives each to one', async () => {
      // One after another: calls of one turn go to one of them together.
      for (let n = 0; n < 100; n++) await anyOf().rpc.call(Say, { text: 'x' });
      expect(answeredBy).toHaveLength(100);
      expect(new Set(answeredBy)).toEqual(new Set(['one', 'two']));
    });

    it('answers each of many calls that go together', async () => {
      const texts = Array.from({ length: 200 }, (_, n) => `call ${n}`);
      const answers = await Promise.all(texts.map((text) => anyOf().rpc.call(Say, { text })));
      expect(answers.map(({ text }) => text)).toEqual(texts);
      expect(answeredBy).toHaveLength(200);
    });

    it('lets a call that is too large hurt no other of its turn', async () => {
      const calls = ['small', tooLargeForNats, 'much', 'also small'].map((text) => anyOf().rpc.call(Say, { text }));
      const outcomes = await Promise.allSettled(calls);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    });

    it('refuses a request above the bound of one message', async () => {
      await expect(anyOf().rpc.call(Say, { text: tooLargeForNats })).rejects.toMatchObject({
        code: 'payload_too_large',
      });
      expect(answeredBy).toEqual([]);
    });

    it('answers internal_error at once where the answer is above that bound', async () => {
      const call = anyOf().rpc.call(Say, { text: 'much' }, { timeoutMs: 600_000 });
      await expect(call).rejects.toMatchObject({ code: 'internal_error' });
    });

    it('answers malformed_request to what is no request', async () => {
      for (const garbage of ['{', 'null', '{"d":{"text":"x"}}', '[1,0]', '[1,0,[1,"soon","r",{}]]', '']) {
        const answer = await raw.request(`${config.subjectPrefix}.${Say.subject}`, garbage);
        expect(answer.json()).toMatchObject({ ok: false, error: { code: 'malformed_request' } });
      }
      expect(answeredBy).toEqual([]);
    });
  });

  it.each([
    ['a code that is not in the catalogue', '{"ok":false,"error":{"code":"from_the_future","detail":"?"}}'],
    ['something that is not JSON', '<html>'],
    ['something that is no answer', '42'],
  ])('fails with internal_error where a service answers with %s', async (_, reply) => {
    const process = await startOnBus(modules());
    const service = raw.subscribe(`${config.subjectPrefix}.${Say.subject}`, {
      callback: (__, m) => void m.respond(reply),
    });
    await raw.flush();
    await expect(process.rpc.call(Say, { text: 'x' })).rejects.toMatchObject({ code: 'internal_error' });
    service.unsubscribe();
    await process.stop();
  });

  describe('between processes whose clocks are apart', () => {
    const tenMinutes = 600_000;
    const late = { code: 'service_unavailable', detail: 'late', isLate: true };

    /** A message with one request as a caller sends it whose clock is ten minutes behind. */
    const request = (clock: number, text: string): string => {
      const sentAt = Date.now() - tenMinutes;
      return toRequestBundle({ sentAt, clock }, [toRequestText(1, 60_000, 'r', { text })]);
    };

    /** Sends requests one after another. @returns the answer to each, which comes after the name of who answers. */
    async function askRaw(...requests: string[]): Promise<string[]> {
      const inbox = createInbox();
      const subscription = raw.subscribe(`${inbox}.answers`, { max: requests.length });
      const answers: string[] = [];
      const next = subscription[Symbol.asyncIterator]();
      for (const each of requests) {
        raw.publish(`${config.subjectPrefix}.${Say.subject}`, each, { reply: `${inbox}.1` });
        answers.push(((await next.next()).value as Msg).string().split('\n')[1] ?? '');
      }
      return answers;
    }

    /** A service that answers each request as `answer` says. @returns the clocks that it was asked with. */
    async function serveRaw(answer: (clock: number) => string): Promise<{ clocks: number[]; end(): void }> {
      const clocks: number[] = [];
      const subscription = raw.subscribe(`${config.subjectPrefix}.${Say.subject}`, {
        callback: (_error, message) => {
          const bundle = readRequestBundle(message.string());
          for (const [call] of bundle?.requests ?? []) {
            const clock = bundle?.clock ?? 0;
            clocks.push(clock);
            raw.publish(message.reply?.replace(/\.\d+$/, '.answers') ?? '', `${call}${answer(clock)}`);
          }
        },
      });
      await raw.flush();
      return { clocks, end: () => subscription.unsubscribe() };
    }

    it('a request that seems late is refused, and answered where the caller knows that it is not', async () => {
      answeredBy = [];
      const process = await startOnBus(modules(), [replica('one')]);
      const [first, ...others] = await askRaw(request(0, 'a'), request(1, 'b'), request(1, 'c'));
      expect(first).toContain('"isLate":true');
      expect(others).toEqual(['1+{"text":"b"}', '1+{"text":"c"}']);
      expect(answeredBy).toEqual(['one', 'one']);
      await process.stop();
    });

    it('who is told in time that its request was late asks again, knowing better from then on', async () => {
      const process = await startOnBus(modules());
      const service = await serveRaw((clock) => (clock === 0 ? `-${JSON.stringify(late)}` : '+{"text":"y"}'));
      const calls = [1, 2, 3].map(() => process.rpc.call(Say, { text: 'x' }, { timeoutMs: 600_000 }));
      await expect(Promise.all(calls)).resolves.toEqual([{ text: 'y' }, { text: 'y' }, { text: 'y' }]);
      await expect(process.rpc.call(Say, { text: 'x' })).resolves.toEqual({ text: 'y' });
      expect(service.clocks).toEqual([0, 0, 0, 1, 1, 1, 1]);
      service.end();
      await process.stop();
    });

    it('but not for ever', async () => {
      const process = await startOnBus(modules());
      const service = await serveRaw(() => `-${JSON.stringify(late)}`);
      const call = process.rpc.call(Say, { text: 'x' }, { timeoutMs: 600_000 });
      await expect(call).rejects.toMatchObject({ code: 'service_unavailable' });
      expect(service.clocks).toEqual([0, 1]);
      service.end();
      await process.stop();
    });
  });

  describe('events', () => {
    let bus: BusProcess;
    const publish = (id: string, n: number, dedupId = `${id}-${n}`): Promise<void> =>
      bus.events.publish([outgoing(Noted, id, { n })], { dedupId });

    beforeAll(async () => {
      bus = await startOnBus(modules());
      await bus.events.consume({ durable: 'stream_is_there', pattern: 'chat.user.*.none' }, () => Promise.resolve());
    });
    afterAll(() => bus.stop());

    it('are heard by every process', async () => {
      const id = freshId();
      const inboxes = [new Inbox(), new Inbox()];
      const processes: BusProcess[] = [];
      for (const inbox of inboxes) {
        const process = await startOnBus(modules());
        processes.push(process);
        await process.events.subscribe(`chat.conversation.${id}.*`, listenerOf(inbox));
      }
      await publish(id, 1);
      for (const inbox of inboxes) expect(await inbox.has(1)).toEqual([1]);
      for (const process of processes) await process.stop();
    });

    it('with the same dedupId reach consumers once', async () => {
      const id = freshId();
      const inbox = new Inbox();
      await publish(id, 1, `same-${id}`);
      await publish(id, 1, `same-${id}`);
      await publish(id, 2);
      const subscription = await bus.events.consume(
        { durable: `dedup_${id}`, pattern: `chat.conversation.${id}.*` },
        (event) => Promise.resolve(inbox.add(event.parse(Noted).n)),
      );
      await inbox.until((items) => items.includes(2));
      await subscription.close();
      expect([...inbox.items].sort()).toEqual([1, 2]);
    });

    it('that passed while a consumer was restarted reach it then', async () => {
      const id = freshId();
      const inbox = new Inbox();
      const consume = async (): Promise<BusProcess> => {
        const process = await startOnBus(modules());
        const options = { durable: `restarted_${id}`, pattern: `chat.conversation.${id}.*` };
        await process.events.consume(options, (event) => Promise.resolve(inbox.add(event.parse(Noted).n)));
        return process;
      };
      const first = await consume();
      await publish(id, 1);
      await inbox.has(1);
      await first.stop();
      await publish(id, 2);
      const second = await consume();
      expect(await inbox.has(2)).toEqual([1, 2]);
      await second.stop();
    });

    it('above the bound of one message are refused', async () => {
      const large = bus.events.publish([outgoing(Noted, freshId(), { n: 1, at: tooLargeForNats })], {
        dedupId: 'large',
      });
      await expect(large).rejects.toMatchObject({ code: 'payload_too_large' });
    });

    it('are kept on disk within the configured bounds', async () => {
      const { config: stream } = await (await jetstreamManager(raw)).streams.info(streamName(config.subjectPrefix));
      expect(stream).toMatchObject({
        subjects: [`${config.subjectPrefix}.chat.>`],
        storage: 'file',
        max_age: 3_600_000_000_000,
        max_bytes: config.streamMaxBytes,
        duplicate_window: 120_000_000_000,
        discard: 'old',
      });
    });
  });
});
