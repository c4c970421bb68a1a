// Thousands of sockets that only listen: what each costs, and what happens when many of them drop and come back at once.
import { setTimeout as delay } from 'node:timers/promises';
import { serverFlags } from '../server-flags.mjs';
import { startChild } from './child.mjs';
import { cpuBetween, cpuOf } from './process-cpu.mjs';
import { memoryAfterCollection, residentBytes } from './inspected.mjs';
import { RestClient } from './rest-client.mjs';
import { prepareUsers } from './send-path.mjs';
import { freePorts } from './server-process.mjs';

const conversationsOfEach = 20;
const participantsOfEach = 500;
/** What bystanders send meanwhile, a second. */
const sendsPerSecond = 100;
const bystanders = 20;
const openTimeoutMs = 300_000;
/** Of those who will drop, one in so many does it before, unmeasured. */
const rehearsals = 4;
/** Until nothing of what was done before is still being done, in milliseconds. */
const settleMs = 3_000;
const samplingMs = 50;

export async function measureStorm({ deployment, issuer, options, resources, say }) {
  say(`${options.idle} users in ${conversationsOfEach} conversations each ...`);
  const users = await prepareIdleUsers({ deployment, issuer, options });
  const talkers = await prepareUsers({ deployment, issuer, options: { ...options, sockets: bystanders } });
  const crowd = await startChild('crowd.mjs', { open: [] });
  resources.defer('crowd', () => crowd.stop());
  say('they connect ...');
  const idle = await measureIdle({ deployment, users, crowd });
  const others = await startChild('bystanders.mjs', { users: talkers, rate: sendsPerSecond }, openTimeoutMs);
  resources.defer('bystanders', () => others.stop());
  // The collections that were asked for have thrown away what was compiled, too.
  await crowd.ask({ storm: Math.ceil(options.drop / rehearsals) }, openTimeoutMs);
  await delay(settleMs);
  await others.ask({ lap: true }, settleMs);
  await delay(options.seconds * 1_000);
  const quiet = await others.ask({ lap: true }, settleMs);
  say(`${options.drop} of them drop and come back ...`);
  const peak = samplePeak(deployment.pids);
  const storm = await crowd.ask({ storm: options.drop }, openTimeoutMs);
  const during = await others.ask({ lap: true }, settleMs);
  await delay(settleMs);
  const after = await others.ask({ lap: true }, settleMs);
  const result = { name: deployment.name, ...idle, quiet, storm, during, after, peakRss: peak.stop() };
  await crowd.stop();
  await others.stop();
  say('the same number on bare ws ...');
  const bare = await measureBare(users);
  return { ...result, bare, failures: failuresOf(result) };
}

/** Each in as many conversations, shared with ever other people: nobody hears anything of them yet. */
async function prepareIdleUsers({ deployment: { ports }, issuer, options: { idle } }) {
  const userIds = Array.from({ length: idle }, (_, index) => `idle-${index}`);
  const rest = new RestClient(issuer);
  await rest.createUsers(ports[0], userIds);
  const rooms = Math.max(1, Math.ceil(idle / participantsOfEach));
  for (let layer = 0; layer < conversationsOfEach; layer++) {
    await Promise.all(
      Array.from({ length: rooms }, (_, room) => {
        // Of each block of as many users as rooms, one goes into each room, in every layer another one.
        const isMember = (_, index) => (index + layer * Math.floor(index / rooms)) % rooms === room;
        const [creator, ...others] = userIds.filter(isMember);
        const body = { type: 'group', title: `${layer}-${room}`, participant_ids: others };
        return creator && rest.createConversation(ports[room % ports.length], creator, body);
      }),
    );
  }
  return userIds.map((userId, index) => ({
    userId,
    token: issuer.issue(userId),
    port: ports[index % ports.length],
    transport: index < idle / 2 ? 'websocket' : 'socketio',
  }));
}

/** Half of them on either transport, one after the other. */
async function measureIdle({ deployment, users, crowd }) {
  const memory = () => sumOf(deployment.inspectPorts);
  // What is compiled and cached at the first connections is not the sockets' own.
  const isFirst = (_, index) => index % 20 === 0;
  await crowd.ask({ open: users.filter(isFirst) }, openTimeoutMs);
  const rest = users.filter((user, index) => !isFirst(user, index));
  const result = {};
  for (const transport of ['websocket', 'socketio']) {
    const group = rest.filter((user) => user.transport === transport);
    const before = { ...(await memory()), cpu: cpuOf(deployment.pids) };
    const { seconds, reasons, isIn } = await crowd.ask({ open: group }, openTimeoutMs);
    const cpuMicros = sumOfValues(cpuBetween(before.cpu, cpuOf(deployment.pids))) / group.length;
    await delay(settleMs);
    const memoryEach = perSocket(before, await memory(), group.length);
    result[transport] = { ...memoryEach, perSecond: group.length / seconds, cpuMicros, reasons };
    result.connected = isIn;
  }
  return result;
}

async function measureBare(users) {
  const [inspectPort] = await freePorts(1);
  const flags = [...serverFlags, `--inspect=127.0.0.1:${inspectPort}`];
  const server = await startChild('baseline.ws-idle.mjs', {}, openTimeoutMs, flags);
  const crowd = await startChild('crowd.mjs', { open: [] });
  try {
    const all = users.map(({ userId, token }) => ({ userId, token, port: server.answer.port, transport: 'bare' }));
    const half = Math.floor(all.length / 20);
    await crowd.ask({ open: all.slice(0, half) }, openTimeoutMs);
    const before = await sumOf([inspectPort]);
    await crowd.ask({ open: all.slice(half) }, openTimeoutMs);
    await delay(settleMs);
    return perSocket(before, await sumOf([inspectPort]), all.length - half);
  } finally {
    await crowd.stop();
    await server.stop();
  }
}

async function sumOf(inspectPorts) {
  const all = await Promise.all(inspectPorts.map(memoryAfterCollection));
  const sum = (of) => all.reduce((total, each) => total + of(each), 0);
  return { held: sum(({ heapUsed, external }) => heapUsed + external), rss: sum(({ rss }) => rss) };
}

function sumOfValues(byName) {
  return Object.values(byName).reduce((sum, value) => sum + value, 0);
}

function perSocket(before, after, count) {
  return { heldBytes: (after.held - before.held) / count, rssBytes: (after.rss - before.rss) / count };
}

/** The most that each process has in memory from here on. */
function samplePeak(pids) {
  const most = {};
  const sample = () => {
    for (const [name, pid] of Object.entries(pids)) most[name] = Math.max(most[name] ?? 0, residentBytes(pid));
  };
  sample();
  const timer = setInterval(sample, samplingMs);
  return {
    stop() {
      clearInterval(timer);
      sample();
      return most;
    },
  };
}

function failuresOf({ name, connected, storm, quiet, during, after }) {
  return [
    ...(storm.isIn === connected
      ? []
      : [`${name}: ${connected - storm.isIn} of ${connected} sockets did not come back`]),
    ...[quiet, during, after].flatMap(({ failures }) => failures.map((text) => `${name}: a bystander met ${text}`)),
    ...(after.unanswered > sendsPerSecond
      ? [`${name}: ${after.unanswered} sends of bystanders were not answered`]
      : []),
  ];
}
