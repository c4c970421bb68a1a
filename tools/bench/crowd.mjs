// Many users who only listen, in their own process, and who all come back when their connections are cut. Plans, one after
// another: { open: [{ userId, token, port, transport }] }, { storm: how many }; each is answered when all are in.
import { setTimeout as delay } from 'node:timers/promises';
import { ChatSocket } from './chat-socket.mjs';
import { answerPlans } from './child.mjs';
import { Latency } from './latency.mjs';

const connectingAtOnce = 100;
/** Between two attempts of one user, where the server gives no hint, in milliseconds: about. */
const retryMs = 1_000;
/** How long all of them may take to come in, in milliseconds. */
const patienceMs = 120_000;

/** One user, who stays in as long as it can. */
class Visitor {
  isIn = false;
  heads;
  #user;
  #socket;
  #turnedAway;

  /** @param turnedAway told why, each time that this one could not come in or was sent away */
  constructor(user, turnedAway) {
    this.#user = user;
    this.#turnedAway = turnedAway;
  }

  /** Resolves when the session has begun, after however many attempts. */
  async enter() {
    for (;;) {
      const failure = await this.#attempt();
      if (failure === undefined) return;
      this.#turnedAway(reasonOf(failure));
      const hint = Number(/"reconnect_after_ms":(\d+)/.exec(failure)?.[1] ?? retryMs * (0.5 + Math.random()));
      await delay(hint);
    }
  }

  /** As a network does that fails: without a word. */
  drop() {
    this.isIn = false;
    this.#socket.close();
  }

  /** @returns why it did not work */
  #attempt() {
    const { port, token, transport } = this.#user;
    return new Promise((resolve) => {
      const socket = new ChatSocket({
        port,
        token,
        transport,
        heads: this.heads,
        onSession: (bytes, start, end) => this.#enter(bytes.utf8Slice(start, end), resolve),
        onAck: () => undefined,
        onMessage: () => undefined,
        onFailure: (text) => {
          if (this.#socket !== socket) return;
          socket.close();
          if (this.isIn) this.#turnedAway(`while in: ${reasonOf(text)}`);
          this.isIn = false;
          resolve(text);
        },
      });
      this.#socket = socket;
    });
  }

  #enter(text, resolve) {
    // `synced` begins with the same letter, and comes second.
    if (this.isIn) return;
    this.isIn = true;
    const heads = /"heads":(\{.*?\}\})/.exec(text)?.[1];
    if (heads) this.heads = JSON.parse(heads);
    resolve(undefined);
  }
}

function reasonOf(failure) {
  return /"code":"(\w+)"/.exec(failure)?.[1] ?? failure.split('\r\n')[0].slice(0, 80);
}

const visitors = [];
let reasons = {};

async function open(users) {
  const turnedAway = (reason) => (reasons[reason] = (reasons[reason] ?? 0) + 1);
  const left = users.map((user) => new Visitor(user, turnedAway));
  visitors.push(...left);
  const startedAt = performance.now();
  const work = async () => {
    for (let visitor = left.pop(); visitor; visitor = left.pop()) await visitor.enter();
  };
  await Promise.all(Array.from({ length: connectingAtOnce }, work));
  return { seconds: (performance.now() - startedAt) / 1_000, ...present() };
}

/** Cuts the connections of so many at one moment; they come back at once. */
async function storm(count) {
  const hit = visitors.filter(({ isIn }) => isIn).slice(0, count);
  const latency = new Latency();
  const startedAt = performance.now();
  for (const visitor of hit) visitor.drop();
  const back = hit.map(async (visitor) => {
    await visitor.enter();
    latency.add(performance.now() - startedAt);
  });
  await Promise.race([Promise.all(back), delay(patienceMs)]);
  return { hit: hit.length, backMs: latency.summary(), ...present() };
}

function present() {
  const told = { isIn: visitors.filter(({ isIn }) => isIn).length, reasons };
  reasons = {};
  return told;
}

answerPlans((plan) => (plan.open ? open(plan.open) : storm(plan.storm)));
