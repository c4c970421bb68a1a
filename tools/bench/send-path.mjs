// The send path of one deployment, and what the same machine does without Parley.
import { randomBytes } from 'node:crypto';
import { runChild, startChild } from './child.mjs';
import { RestClient } from './rest-client.mjs';
import { createDatabase } from './scratch.mjs';

/** Each user talks to that many others, and starts half of those talks. */
const peersOfEach = 4;
/** Beyond what a part measures: connecting, settling, tables. */
const marginMs = 60_000;

/** Acknowledged sends a second as fast as they go, and latencies at a moderate rate. */
export async function measureSendPath({ deployment, issuer, options }) {
  const users = await prepareUsers({ deployment, issuer, options });
  const { seconds, warmupSeconds, inFlight, rate } = options;
  const phases = [
    { inFlight, seconds, warmupSeconds },
    { rate, seconds, warmupSeconds: 1 },
  ];
  const { phases: results, failures } = await runChild(
    'load.mjs',
    { users, pids: deployment.pids, phases },
    phases.reduce((sum, phase) => sum + (phase.seconds + phase.warmupSeconds) * 1_000, marginMs),
  );
  const [closed, open] = results;
  return { closed, open, failures: failures.map((sentence) => `${deployment.name}: ${sentence}`) };
}

/** One transaction a message, on the deployment's database server. */
export function measureNaiveInsert({ deployment, resources, options }) {
  return onScratchDatabase({ deployment, resources }, (databaseUrl) =>
    runBaseline('baseline.naive-insert.mjs', { databaseUrl, conversations: conversationsOf(options) }, options),
  );
}

export function measureBatchInsert({ deployment, resources, options }) {
  return onScratchDatabase({ deployment, resources }, (databaseUrl) =>
    runBaseline('baseline.batch-insert.mjs', { databaseUrl, conversations: conversationsOf(options) }, options),
  );
}

/** NATS alone. */
export async function measureRequestReply({ deployment: { natsUrl, subjectPrefix }, options }) {
  const subject = `${subjectPrefix}.baseline`;
  const responder = await startChild('baseline.responder.mjs', { natsUrl, subject });
  try {
    return await runBaseline('baseline.request-reply.mjs', { natsUrl, subject, responderPid: responder.pid }, options);
  } finally {
    await responder.stop();
  }
}

function runBaseline(script, plan, { seconds, warmupSeconds, inFlight }) {
  const timeoutMs = (seconds + warmupSeconds) * 1_000 + marginMs;
  return runChild(script, { ...plan, seconds, warmupSeconds, inFlight }, timeoutMs);
}

async function onScratchDatabase({ deployment, resources }, work) {
  const name = `parley-bench-baseline-${randomBytes(4).toString('hex')}`;
  return work(await createDatabase(deployment.databaseServer, name, resources));
}

function conversationsOf({ sockets }) {
  return Math.floor(sockets / 2) * peersOfEach;
}

/**
 * Pairs of users on different gateways (where there are two), all of whom send: each into half of its conversations.
 * Every conversation is a direct one, so that each message has one recipient.
 */
export async function prepareUsers({ deployment, issuer, options }) {
  const rest = new RestClient(issuer);
  const half = Math.floor(options.sockets / 2);
  const { ports } = deployment;
  const aUser = (side, port) => (_, index) => {
    const userId = `${side}-${index}`;
    return { userId, port, token: issuer.issue(userId), sendsTo: [], hears: [] };
  };
  const left = Array.from({ length: half }, aUser('left', ports[0]));
  const right = Array.from({ length: half }, aUser('right', ports[1] ?? ports[0]));
  const users = [...left, ...right];
  await rest.createUsers(
    ports[0],
    users.map(({ userId }) => userId),
  );
  await Promise.all(
    left.flatMap((one, index) =>
      Array.from({ length: Math.min(peersOfEach, half) }, async (_, shift) => {
        const other = right[(index + shift) % half];
        const body = { type: 'direct', participant_ids: [other.userId] };
        const id = await rest.createConversation(one.port, one.userId, body);
        (shift % 2 === 0 ? one : other).sendsTo.push(id);
        one.hears.push(id);
        other.hears.push(id);
      }),
    ),
  );
  return users;
}
