// The load of the send path, in its own process: users on one transport who send to each other, and check what they get.
// Plan: { transport, isOrdered, users: [{ userId, token, port, sendsTo: [conversation id], hears: [conversation id] }], pids,
// phases: [{ inFlight } | { rate } | { shareOfFirst }] }, the last of which is an open loop at a share of the first one's rate.
import { setTimeout as delay } from 'node:timers/promises';
import { ChatSocket } from './chat-socket.mjs';
import { answerPlan } from './child.mjs';
import { DeliveryLedger } from './delivery-ledger.mjs';
import { Latency } from './latency.mjs';
import { closedLoop, openLoop } from './pace.mjs';
import { content } from './typical-message.mjs';

const settleMs = 10_000;
const pollMs = 20;

/** What is in flight, and what is measured of it. */
class Traffic {
  acked = 0;
  isMeasuring = false;
  #nextNumber = 1;
  #pending = new Map();
  #undelivered = new Map();

  constructor(isOrdered) {
    this.ledger = new DeliveryLedger(isOrdered);
  }

  get inFlight() {
    return this.#pending.size;
  }

  startMeasuring() {
    this.ackLatency = new Latency();
    this.deliveryLatency = new Latency();
    this.isMeasuring = true;
  }

  /** @param since what the latency counts from, in the milliseconds of performance.now() */
  send(sender, conversationId, since, onAck) {
    const number = this.#nextNumber++;
    this.#pending.set(number, { conversationId, since, onAck });
    this.#undelivered.set(number, { sender, since });
    sender.socket.sendMessage(number, { conversation_id: conversationId, content, client_message_id: `n-${number}` });
  }

  acknowledge(number) {
    const sent = this.#pending.get(number);
    if (!sent) return this.ledger.fail(`request ${number} was acknowledged twice, or never sent`);
    this.#pending.delete(number);
    this.ledger.acknowledged(sent.conversationId);
    this.acked++;
    if (this.isMeasuring) this.ackLatency.add(performance.now() - sent.since);
    sent.onAck?.();
  }

  deliver(receiver, bytes, start, end) {
    // Read by hand: to parse all of every frame would take a third of a core from the servers.
    const text = bytes.latin1Slice(start, end);
    receiver.seat.receive(valueOf(text, '"conversation_id":"'), Number.parseInt(valueOf(text, '"seq":'), 10));
    const number = Number.parseInt(valueOf(text, '"client_message_id":"n-'), 10);
    const sent = this.#undelivered.get(number);
    if (!sent || sent.sender === receiver) return;
    this.#undelivered.delete(number);
    if (this.isMeasuring) this.deliveryLatency.add(performance.now() - sent.since);
  }

  /** Resolves when everything that was sent is acknowledged and delivered, or nothing more is to be hoped for. */
  async settle() {
    const until = performance.now() + settleMs;
    while ((this.inFlight > 0 || !this.ledger.isComplete) && performance.now() < until) await delay(pollMs);
    this.isMeasuring = false;
    if (this.inFlight > 0) this.ledger.fail(`${this.inFlight} sends were never acknowledged`);
  }
}

/** The JSON string or number that stands behind `key`. */
function valueOf(text, key) {
  const start = text.indexOf(key) + key.length;
  let end = start;
  while (end < text.length && text[end] !== '"' && text[end] !== ',' && text[end] !== '}') end++;
  return text.slice(start, end);
}

/** Resolves when the socket's session has begun. */
function connect(user, transport, traffic) {
  return new Promise((resolve, reject) => {
    user.seat = traffic.ledger.seat(user.userId, user.hears);
    user.socket = new ChatSocket({
      port: user.port,
      token: user.token,
      transport,
      onSession: resolve,
      onMessage: (bytes, start, end) => traffic.deliver(user, bytes, start, end),
      onAck: (number) => traffic.acknowledge(number),
      onFailure: (text) => {
        traffic.ledger.fail(`${user.userId}: ${text}`);
        reject(new Error(text));
      },
    });
  });
}

await answerPlan(async ({ transport, isOrdered, users, pids, phases }) => {
  const traffic = new Traffic(isOrdered);
  await Promise.all(users.map((user) => connect(user, transport, traffic)));
  const results = [];
  for (const { shareOfFirst, ...phase } of phases) {
    const rate = shareOfFirst ? Math.round(shareOfFirst * results[0].perSecond) : phase.rate;
    const run = rate ? openLoop : closedLoop;
    results.push(await run({ ...phase, rate, traffic, users, pids }));
    await traffic.settle();
  }
  return { phases: results, failures: traffic.ledger.verdict() };
});
