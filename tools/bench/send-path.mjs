// The send path of one deployment, and what the same machine does without Parley.
import { randomBytes } from 'node:crypto';
import { runChild, startChild } from './child.mjs';
import { RestClient } from './rest-client.mjs';
import { createDatabase } from './scratch.mjs';

/** Each user talks to that many others, and starts half of those talks. */
const peersOfEach = 4;
/** Beyond what a part measures: connecting, settling, tables. */
const marginMs = 60_000;

/** Acknowledged sends a second as fast as they go, and latencies at a moderate rate; if wanted, at half of what goes, too. */
export async function measureSendPath({ deployment, issuer, options, isHalfWanted = false }) {
  const users = await prepareUsers({ deployment, issuer, options });
  const { seconds, warmupSeconds, inFlight, rate } = options;
  const phases = [
    { inFlight, seconds, warmupSeconds },
    { rate, seconds, warmupSeconds: 1 },
    ...(isHalfWanted ? [{ shareOfFirst: 0.5, seconds, warmupSeconds: 1 }] : []),
  ];
  const { results, failures } = await runLoad({
    name: deployment.name,
    plan: { transport: 'websocket', isOrdered: true, users, pids: deployment.pids, phases },
  });
  const [closed, open, half] = results;
  return { closed, open, half, failures };
}

/** @returns a result for each phase of the plan, and what went wrong */
export async function runLoad({ name, plan }) {
  const timeoutMs = plan.phases.reduce(
    (sum, { seconds, warmupSeconds }) => sum + (seconds + warmupSeconds) * 1_000,
    marginMs,
  );
  const { phases: results, failures } = await runChild('load.mjs', plan, timeoutMs);
  return { results, failures: failures.map((sentence) => `${name}: ${sentence}`) };
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
export function measureRequestReply({ deployment, options }) {
  return withResponder(deployment, (plan) => runBaseline('baseline.request-reply.mjs', plan, options));
}

/** A request over NATS, a commit, a request, at `rate` a second. */
export function measureCommitAndRoundTrips({ deployment, resources, options, rate }) {
  return onScratchDatabase({ deployment, resources }, (databaseUrl) =>
    withResponder(deployment, (plan) =>
      runBaseline('baseline.commit-and-round-trips.mjs', { ...plan, databaseUrl, rate }, options),
    ),
  );
}

async function withResponder({ natsUrl, subjectPrefix }, work) {
  const subject = `${subjectPrefix}.baseline`;
  const responder = await startChild('baseline.responder.mjs', { natsUrl, subject });
  try {
    return await work({ natsUrl, subject, responderPid: responder.pid });
  } finally {
    await responder.stop();
  }
}

function runBaseline(script, plan, { seconds, warmupSeconds, inFlight }) {
  const timeoutMs = (seconds + warmupSeconds) * 1_000 + marginMs;
  return runChild(script, { ...plan, seconds, warmupSeconds, inFlight }, timeoutMs);
}

/** A new database beside the deployment's own, on the same server. */
export async function onScratchDatabase({ deployment, resources }, work) {
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
export async function prepareUsers({ deployment, issuer, options, prefix = '' }) {
  const rest = new RestClient(issuer);
  const half = Math.floor(options.sockets / 2);
  const { ports } = deployment;
  const aUser = (side, port) => (_, index) => {
    const userId = `${prefix}${side}-${index}`;
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
