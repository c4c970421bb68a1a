// One round: a load by people of its own, faults meanwhile, rest, and the verdict.
import { setTimeout as delay } from 'node:timers/promises';
import { Actor } from './actor.mjs';
import { faults, targets } from './faults.mjs';
import { Ledger } from './ledger.mjs';
import { Population } from './population.mjs';
import { Probes } from './probe.mjs';
import { judge } from './product.mjs';
import { Refused } from './rest-caller.mjs';
import { planFaults, planOperations } from './schedule.mjs';
import { leaseMs } from './times.mjs';

/** After a fault everybody is served again within this time; Node's start on a busy machine is part of it. */
const maxRecoveryMs = 20_000;
/** How long to wait for what takes longer, before it is given up. */
const patienceMs = 45_000;
const settleMs = 60_000;
const pollMs = 250;
/** How often all processes are asked whether they are alive and ready. */
const watchEveryMs = 1_000;
/** Rest between the recovery from one fault and the next one. */
const restMs = [500, 2_500];
/** No fault begins so shortly before the end of the load. */
const lastFaultMs = 5_000;
/** A killed gateway's users are offline after the lease; noticing and answering take a moment. */
const presenceMs = leaseMs + 9_000;

export class Round {
  #deployment;
  #database;
  #random;
  #options;
  #say;
  #ledger = new Ledger();
  #recoveries = [];
  #complaints = [];

  constructor({ name, kinds, deployment, database, random, options, say }) {
    this.name = name;
    this.kinds = kinds;
    this.#deployment = deployment;
    this.#database = database;
    this.#random = random;
    this.#options = options;
    this.#say = say;
  }

  /** @returns {Promise<{ verdicts: object[], facts: string }>} */
  async run() {
    const startedAfter = await this.#database.lastConversation();
    const [people, deeds, harm] = [this.#random.fork(), this.#random.fork(), this.#random.fork()];
    const population = await Population.create({
      name: this.name,
      count: this.#options.users,
      random: people,
      deployment: this.#deployment,
    });
    const probes = await Probes.create({ name: this.name, deployment: this.#deployment });
    await population.connect();
    const actors = population.users.map((user) => new Actor({ user, population, ledger: this.#ledger }));
    const watching = setInterval(() => void this.#watch(), watchEveryMs);
    await Promise.all([this.#load(actors, deeds), this.#harm(probes, population.devices, harm)]);
    clearInterval(watching);
    await this.#rest(actors, [...population.devices, ...probes.devices], startedAfter);
    const record = await this.#record(population, probes, startedAfter);
    await Promise.all(population.devices.map((device) => device.stop()));
    return { verdicts: judge(record), facts: this.#facts(population) };
  }

  async #watch() {
    await Promise.all(this.#deployment.of().map((each) => each.observe()));
  }

  async #load(actors, random) {
    const { seconds, rate, users } = this.#options;
    const startedAt = performance.now();
    for (const operation of planOperations({ random, seconds, rate, users })) {
      const earlyMs = operation.atMs - (performance.now() - startedAt);
      if (earlyMs > 1) await delay(earlyMs);
      actors[operation.user].take(operation);
    }
  }

  async #harm(probes, devices, random) {
    const until = performance.now() + this.#options.seconds * 1_000 - lastFaultMs;
    await delay(2_000);
    const kinds = Object.fromEntries(this.kinds.map((kind) => [kind, targets[kind]]));
    for (const step of planFaults({ random, kinds })) {
      if (performance.now() > until) return;
      const context = { deployment: this.#deployment, say: this.#say, complain: (text) => this.#complaints.push(text) };
      await Promise.all(step.map((kind) => faults[kind]({ ...context, random: random.fork() })));
      const tookMs = await probes.recovery(patienceMs, devices);
      this.#say(tookMs === undefined ? `not recovered` : `recovered within ${(tookMs / 1_000).toFixed(1)} s`);
      this.#recoveries.push({ fault: step.join(' with '), tookMs });
      await delay(random.between(...restMs));
    }
  }

  /** Waits until nothing moves any more; what is not at rest by then, the rules find. */
  async #rest(actors, devices, startedAfter) {
    const isDone = await until(settleMs, () => actors.every(({ isIdle }) => isIdle));
    if (!isDone) {
      this.#say('some requests are still not answered');
      for (const actor of actors) actor.giveUp();
      await until(settleMs, () => actors.every(({ isIdle }) => isIdle));
    }
    await until(settleMs, async () => {
      if ((await this.#database.outboxRows()) > 0) return false;
      const standings = await this.#database.standings(startedAfter);
      return devices.every((device) => device.isConnected && isUpToDate(device, standings));
    });
  }

  async #record(population, probes, startedAfter) {
    const conversations = await this.#database.history(startedAfter);
    const devices = [...population.devices, ...probes.devices];
    const unread = await this.#unread(population, startedAfter);
    const shown = devices.map(({ name, userId, model }) => ({ name, userId, conversations: snapshotOf(model) }));
    const outboxRows = await this.#database.outboxRows();
    const presence = await this.#presence(population, conversations);
    await probes.stop();
    return {
      conversations,
      wanted: [...this.#ledger.wanted, ...probes.wanted],
      sends: this.#ledger.sends,
      bursts: this.#ledger.bursts,
      files: await this.#files(population),
      begun: this.#ledger.begun,
      changes: this.#ledger.changes,
      failures: this.#ledger.failures,
      sockets: devices.flatMap(({ witnesses }) => witnesses),
      devices: shown,
      unread,
      presence,
      outboxRows,
      deaths: [...this.#deployment.take('deaths'), ...this.#complaints],
      lapses: this.#deployment.take('lapses'),
      recoveries: this.#recoveries,
      maxRecoveryMs,
    };
  }

  /** Whoever is in the conversation may download what is in it, and not only who uploaded it. */
  async #files({ users }) {
    const download = async ({ conversationId, seq, fileId, bytes, user }) => {
      const present = users.filter(({ device }) => device.model.conversations.has(conversationId));
      const reader = present.find((each) => each !== user) ?? user;
      const path = `/api/files/${fileId}`;
      const found = await persist(() => reader.rest.download(path)).catch(() => undefined);
      return { conversationId, seq, fileId, isIntact: found?.equals(bytes) };
    };
    return Promise.all(this.#ledger.files.map(download));
  }

  async #unread({ users }, startedAfter) {
    const told = new Map();
    for (const { id, rest } of users) {
      const { by_conversation: counts } = await persist(() => rest.call('GET', '/api/unread-count'));
      for (const { conversation_id, unread_count } of counts) told.set(`${id} ${conversation_id}`, unread_count);
    }
    const known = new Set(users.map(({ id }) => id));
    const counted = (await this.#database.unread(startedAfter)).filter(({ userId }) => known.has(userId));
    const records = counted.map((each) => {
      const key = `${each.userId} ${each.conversationId}`;
      const record = { ...each, told: told.get(key) ?? 0 };
      told.delete(key);
      return record;
    });
    // What is left are counts of conversations that the user is not in.
    const others = [...told].map(([key, count]) => {
      const [userId, conversationId] = key.split(' ');
      return { userId, conversationId, told: count, counted: 0 };
    });
    return [...records, ...others];
  }

  /**
   * A third of the users goes: after the lease they are offline for those who know them, and the others are online. Where
   * gateways are killed one dies with them, which then cannot say who left.
   */
  async #presence({ users }, conversations) {
    const gone = users.filter((_, index) => index % 3 === 0);
    const victim = this.kinds.includes('kill-gateway') ? this.#deployment.of('gateway')[0] : undefined;
    const killed = victim?.end('SIGKILL');
    await Promise.all([killed, ...gone.flatMap(({ devices }) => devices.map((device) => device.stop()))]);
    const companions = companionsOf(conversations);
    let seen = [];
    await until(presenceMs, async () => {
      seen = await Promise.all(users.map((user) => this.#statusOf(user, companions.get(user.id), users)));
      return seen.every((each) => each === undefined || each.status === (each.hasSocket ? 'online' : 'offline'));
    });
    victim?.start();
    await victim?.becomesHealthy();
    return seen.filter((each) => each !== undefined);
  }

  async #statusOf({ id, devices }, companions, users) {
    const viewer = users.find((user) => companions?.has(user.id));
    if (!viewer) return undefined;
    const hasSocket = devices.some(({ isConnected }) => isConnected);
    const answer = await viewer.rest.call('GET', `/api/users/status?user_ids=${id}`).catch(() => undefined);
    return { userId: id, viewerId: viewer.id, status: answer?.statuses[0]?.status, hasSocket };
  }

  #facts({ devices }) {
    const { sends, changes, repeated, unanswered, skipped } = this.#ledger;
    const revs = devices.flatMap(({ witnesses }) => witnesses).flatMap(({ gaps }) => gaps);
    const leftOut = revs.reduce((sum, { after, before }) => sum + before - after - 1, 0);
    const absences = devices.flatMap((device) => device.absences).sort((one, other) => one - other);
    const seconds = (ms) => `${((ms ?? 0) / 1_000).toFixed(1)} s`;
    const worst = this.#recoveries.map(({ tookMs }) => tookMs ?? Infinity);
    return [
      `${sends.length} sends and ${changes.length} other changes acknowledged, ${repeated} attempts repeated (${unanswered} had no answer), ${skipped} left out`,
      `${absences.length} reconnects (median ${seconds(absences[absences.length >> 1])}, longest ${seconds(absences.at(-1))})`,
      `${leftOut} revs overtaken in repairs`,
      `${worst.length} faults${worst.length > 0 ? `, slowest recovery ${seconds(Math.max(...worst))}` : ''}`,
    ].join('; ');
  }
}

/** What a device shows now: it goes on living. */
function snapshotOf({ conversations }) {
  return new Map([...conversations].map(([id, { head, messages }]) => [id, { head, messages: new Map(messages) }]));
}

/** Does a device show all conversations of its user, as they are stored? */
function isUpToDate({ model, userId }, standings) {
  const own = standings.filter(({ members }) => members.includes(userId));
  return (
    own.length === model.conversations.size &&
    own.every(({ id, lastSeq, rev }) => {
      const head = model.conversations.get(id)?.head;
      return head?.seq === lastSeq && head.rev === rev;
    })
  );
}

/** By user, those who are in a conversation with it. */
function companionsOf(conversations) {
  const companions = new Map();
  for (const { participants } of conversations) {
    const present = participants.filter(({ isIn }) => isIn).map(({ userId }) => userId);
    for (const userId of present) {
      if (!companions.has(userId)) companions.set(userId, new Set());
      for (const other of present) if (other !== userId) companions.get(userId).add(other);
    }
  }
  return companions;
}

/** @returns {Promise<boolean>} whether it came true in time */
async function until(timeoutMs, isTrue) {
  const deadline = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}

async function persist(attempt, attempts = 20) {
  for (let left = attempts; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || (error instanceof Refused && !error.isRetryable)) throw error;
      await delay(pollMs);
    }
  }
}
