// The load of the fan-out, in its own process: everybody in one conversation, of whom a few speak. Frames are counted, and read
// by every twentieth listener only, where an order is promised. Plan: { transport, isOrdered, members: [{ userId, token, port }],
// conversationId, speakers, pids, warmupSeconds, seconds }.
import { setTimeout as delay } from 'node:timers/promises';
import { ChatSocket } from './chat-socket.mjs';
import { answerPlan } from './child.mjs';
import { Latency } from './latency.mjs';
import { measure } from './measurement.mjs';
import { content } from './typical-message.mjs';

const readerEvery = 20;
const connectingAtOnce = 50;
/** Deliveries after which the server's code is compiled. */
const warmupCount = 100_000;
const settleMs = 10_000;
const pollMs = 20;
const maxFailures = 10;

class Room {
  members = [];
  failures = [];
  deliveries = 0;
  sent = 0;
  latency = new Latency();
  /** Bytes of what was delivered last, without the frame's header. */
  payloadBytes = 0;
  #plan;
  #complete = 0;
  #sentAt = [];
  #stopped = false;

  constructor(plan) {
    this.#plan = plan;
  }

  async open() {
    const left = this.#plan.members.map((member, index) => ({ ...member, index }));
    const connectNext = async () => {
      for (let member = left.pop(); member; member = left.pop()) await this.#connect(member);
    };
    await Promise.all(Array.from({ length: connectingAtOnce }, connectNext));
  }

  /** As many messages are on their way as there are speakers: the next one goes when all of one have arrived. */
  start() {
    for (let index = 0; index < this.#plan.speakers; index++) this.#speak();
  }

  async stop() {
    this.#stopped = true;
    const until = performance.now() + settleMs;
    while (this.deliveries < this.sent * this.members.length && performance.now() < until) await delay(pollMs);
    for (const { userId, received } of this.members) {
      if (received !== this.sent) this.#fail(`${userId} got ${received} of ${this.sent} messages`);
    }
  }

  #connect(member) {
    const { transport, isOrdered } = this.#plan;
    const reads = isOrdered && member.index % readerEvery === 0;
    return new Promise((resolve, reject) => {
      const listener = { userId: member.userId, received: 0, lastSeq: undefined };
      listener.socket = new ChatSocket({
        port: member.port,
        transport,
        token: member.token,
        onSession: () => {
          // At once, as an answer: the system acknowledges to a client that never said anything in another way, for which
          // the writer pays a third less. Clients of a chat do say something, be it the answer to a heartbeat.
          listener.socket.greet();
          resolve();
        },
        onAck: () => undefined,
        onMessage: (bytes, start, end) => {
          listener.received++;
          if (reads) this.#read(listener, bytes, start, end);
          this.#count(end - start);
        },
        onFailure: (text) => {
          this.#fail(`${member.userId}: ${text}`);
          reject(new Error(text));
        },
      });
      this.members.push(listener);
    });
  }

  #speak() {
    if (this.#stopped) return;
    const { socket } = this.members[this.sent % this.#plan.speakers];
    this.#sentAt[this.sent++] = performance.now();
    socket.sendMessage(this.sent, { conversation_id: this.#plan.conversationId, content });
  }

  #count(payloadBytes) {
    this.payloadBytes = payloadBytes;
    this.deliveries++;
    if (this.deliveries < (this.#complete + 1) * this.members.length) return;
    this.latency.add(performance.now() - this.#sentAt[this.#complete++]);
    this.#speak();
  }

  #read(listener, bytes, start, end) {
    const seq = Number(/"seq":(\d+)/.exec(bytes.latin1Slice(start, end))?.[1]);
    const { lastSeq = seq - 1 } = listener;
    if (seq !== lastSeq + 1) this.#fail(`${listener.userId} got message ${seq} after ${lastSeq}`);
    listener.lastSeq = seq;
  }

  #fail(sentence) {
    if (this.failures.length < maxFailures) this.failures.push(sentence);
  }
}

await answerPlan(async (plan) => {
  const room = new Room(plan);
  await room.open();
  room.start();
  const { warmupSeconds, seconds, pids } = plan;
  const result = await measure({ warmupSeconds, warmupCount, seconds, pids, count: () => room.deliveries });
  await room.stop();
  const micros = Object.values(result.cpu).reduce((sum, each) => sum + each, 0);
  return {
    transport: plan.transport,
    speakers: plan.speakers,
    members: room.members.length,
    payloadBytes: room.payloadBytes,
    perSecond: result.count / result.seconds,
    cpuMicros: micros / result.count,
    cpuMicrosOf: Object.fromEntries(Object.entries(result.cpu).map(([name, each]) => [name, each / result.count])),
    allDeliveredMs: room.latency.summary(),
    failures: room.failures,
  };
});
