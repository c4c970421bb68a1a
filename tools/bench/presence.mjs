// What presence costs: a change, by how many look and not by how many might; and a connection that does nothing for a minute.
// Leases and refreshes are ten times as short as they are by default, so that six seconds hold a minute's worth of them.
import { setTimeout as delay } from 'node:timers/promises';
import { cpuBetween, cpuOf } from './process-cpu.mjs';
import { PresenceSocket } from './presence-socket.mjs';
import { RedisCommands } from './redis-commands.mjs';
import { RestClient } from './rest-client.mjs';

/** For the processes under test. */
export const presenceEnvironment = { PRESENCE_REFRESH_MS: '1000', PRESENCE_LEASE_MS: '3000' };

const minuteMs = 6_000;
const changesPerSecond = 50;
const warmupChanges = 200;
/** So many changes tell what one costs, to a few hundredths. */
const longestSeconds = 4;
const connectingAtOnce = 50;
/** Until what was said at the end has arrived, or never will. */
const settleMs = 1_000;

export async function measurePresence({ deployment, issuer, options, say }) {
  const rest = new RestClient(issuer);
  const redis = new RedisCommands(deployment.redisUrl);
  const bench = { deployment, issuer, options, rest, redis };
  try {
    say(`${options.contacts} contacts of one user ...`);
    const contacts = await befriend(bench, 'star', options.contacts);
    const friends = await befriend(bench, 'friend', options.lookers);
    say('changes that nobody, some and all look at ...');
    const changes = [
      await measureChanges(bench, { who: 'star', lookers: [], contacts: contacts.length }),
      await measureChanges(bench, {
        who: 'star',
        lookers: contacts.slice(0, options.lookers),
        contacts: contacts.length,
      }),
      await measureChanges(bench, { who: 'friend', lookers: friends, contacts: friends.length }),
    ];
    say(`${options.online} connections that do nothing ...`);
    const idle = await measureIdle(bench);
    return { changes, idle, failures: changes.flatMap(({ failures }) => failures) };
  } finally {
    redis.close();
  }
}

/** @returns the ids of new users who have a direct conversation with `who` each */
async function befriend({ deployment, rest }, who, count) {
  const [port] = deployment.ports;
  const ids = Array.from({ length: count }, (_, index) => `${who}-contact-${index}`);
  await rest.createUsers(port, [who, ...ids]);
  const left = [...ids];
  const openNext = async () => {
    for (let id = left.pop(); id; id = left.pop()) {
      await rest.createConversation(port, who, { type: 'direct', participant_ids: [id] });
    }
  };
  await Promise.all(Array.from({ length: 16 }, openNext));
  return ids;
}

/** Connects users, in turn to each gateway. */
async function connectAll({ deployment, issuer }, userIds) {
  const { ports } = deployment;
  const left = userIds.map((userId, index) => ({ userId, port: ports[index % ports.length] }));
  const sockets = [];
  const connectNext = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      sockets.push(await PresenceSocket.connect({ port: next.port, token: issuer.issue(next.userId) }));
    }
  };
  await Promise.all(Array.from({ length: connectingAtOnce }, connectNext));
  return sockets;
}

async function measureChanges(bench, { who, lookers, contacts }) {
  const [speaker] = await connectAll(bench, [who]);
  const audience = await connectAll(bench, lookers);
  await delay(settleMs);
  const toggle = async (count) => {
    for (let index = 0; index < count; index++) {
      const at = performance.now();
      await speaker.setStatus(index % 2 ? 'away' : 'busy');
      await delay(Math.max(0, 1_000 / changesPerSecond - (performance.now() - at)));
    }
  };
  await toggle(warmupChanges);
  await delay(settleMs);
  for (const each of audience) each.changes = 0;
  const count = changesPerSecond * Math.min(bench.options.seconds, longestSeconds);
  const changing = async () => {
    await toggle(count);
    await delay(settleMs);
  };
  const [used, seconds] = await timed(() => costOf(bench, changing));
  const nothing = await costOf(bench, () => delay(seconds * 1_000));
  const missed = audience.filter(({ changes }) => changes < count).length;
  for (const socket of [speaker, ...audience]) socket.close();
  await delay(settleMs);
  return {
    contacts,
    lookers: lookers.length,
    ...perUnit(minus(used, nothing), count),
    failures:
      missed > 0 ? [`presence: ${missed} of ${lookers.length} lookers did not see ${count} changes of ${who}`] : [],
  };
}

async function measureIdle(bench) {
  const { deployment, options, rest } = bench;
  const ids = Array.from({ length: options.online }, (_, index) => `idle-${index}`);
  await rest.createUsers(deployment.ports[0], ids);
  const nobody = await costOf(bench, () => delay(minuteMs));
  const sockets = await connectAll(bench, ids);
  await delay(2 * settleMs);
  const all = await costOf(bench, () => delay(minuteMs));
  for (const socket of sockets) socket.close();
  const more = minus(all, nobody);
  return { connections: ids.length, ...perUnit(more, ids.length), roundTripsPerSecond: more.roundTrips / 60 };
}

/** What the processes and Redis do meanwhile. */
async function costOf({ deployment, redis }, work) {
  const before = { cpu: cpuOf(deployment.pids), redis: await redis.count() };
  await work();
  const after = { cpu: cpuOf(deployment.pids), redis: await redis.count() };
  return {
    cpu: cpuBetween(before.cpu, after.cpu),
    roundTrips: after.redis.roundTrips - before.redis.roundTrips,
    commands: after.redis.commands - before.redis.commands,
  };
}

async function timed(work) {
  const from = performance.now();
  const result = await work();
  return [result, (performance.now() - from) / 1_000];
}

/** What processes do anyway is not what is measured. */
function minus(used, nothing) {
  const cpu = Object.entries(used.cpu).map(([name, micros]) => [name, micros - nothing.cpu[name]]);
  return {
    cpu: Object.fromEntries(cpu),
    roundTrips: used.roundTrips - nothing.roundTrips,
    commands: used.commands - nothing.commands,
  };
}

function perUnit({ cpu, roundTrips, commands }, count) {
  const of = (app) =>
    Object.entries(cpu).reduce((sum, [name, micros]) => (name.startsWith(app) ? sum + micros : sum), 0) / count;
  const cpuMicros = { gateway: of('gateway'), presence: of('presence'), messaging: of('messaging') };
  return { cpuMicros, roundTrips: roundTrips / count, commands: commands / count };
}
