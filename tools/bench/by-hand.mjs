// Parley beside the server that one would write by hand, on the same database server, with the same load over the same
// transport: direct messages, and rooms of two sizes.
import { randomBytes } from 'node:crypto';
import { serverFlags } from '../server-flags.mjs';
import { startChild } from './child.mjs';
import { backingServices } from './environment.mjs';
import { prepareRoom, runAudience } from './room.mjs';
import { onScratchDatabase, prepareUsers, runLoad } from './send-path.mjs';

const speakers = 10;
const startTimeoutMs = 30_000;

export async function measureByHand({ deployment, issuer, resources, options, say }) {
  const users = await prepareUsers({ deployment, issuer, options, prefix: 'pair-' });
  const rooms = [];
  for (const size of options.rooms) rooms.push(await prepareRoom({ deployment, issuer, size, prefix: `of-${size}` }));
  const parley = { name: deployment.name, pids: deployment.pids, isOrdered: true, reach: (user) => user };
  return withByHand({ deployment, issuer, resources, users, rooms }, async (byHand) => {
    const measureBoth = async (measure) => ({ parley: await measure(parley), byHand: await measure(byHand) });
    say('direct messages over Socket.IO, then by hand ...');
    const sends = await measureBoth((side) => measureSends(side, users, options));
    const deliveries = [];
    for (const room of rooms) {
      say(`a room of ${room.members.length}, then by hand ...`);
      const measured = await measureBoth((side) => measureRoom(side, room, options));
      deliveries.push({ members: room.members.length, ...measured });
    }
    const failures = [sends, ...deliveries].flatMap((each) => [...each.parley.failures, ...each.byHand.failures]);
    return { name: deployment.name, sends, rooms: deliveries, failures };
  });
}

async function measureSends({ name, pids, isOrdered, reach }, users, { inFlight, seconds, warmupSeconds }) {
  const phases = [{ inFlight, seconds, warmupSeconds }];
  const plan = { transport: 'socketio', isOrdered, users: users.map(reach), pids, phases };
  const { results, failures } = await runLoad({ name, plan });
  return { ...results[0], failures };
}

function measureRoom({ name, pids, isOrdered, reach }, { conversationId, members }, options) {
  const plan = { transport: 'socketio', isOrdered, conversationId, members: members.map(reach), speakers, pids };
  return runAudience(`a room of ${members.length} on ${name}`, plan, options);
}

/** Runs `work` with a server by hand that has the same conversations, under the same ids. */
function withByHand({ deployment, issuer, resources, users, rooms }, work) {
  return onScratchDatabase({ deployment, resources }, async (databaseUrl) => {
    const plan = {
      databaseUrl,
      redisUrl: backingServices().redisUrl,
      keyPrefix: `parley-bench-by-hand-${randomBytes(4).toString('hex')}`,
      secret: issuer.secret,
      conversations: [...conversationsOf(users), ...rooms.map(toConversation)],
    };
    const server = await startChild('baseline.by-hand.mjs', plan, startTimeoutMs, serverFlags);
    try {
      return await work({
        name: 'the server by hand',
        pids: { byHand: server.pid },
        isOrdered: false,
        reach: (user) => ({ ...user, port: server.answer.port }),
      });
    } finally {
      await server.stop();
    }
  });
}

function conversationsOf(users) {
  const members = new Map();
  for (const { userId, hears } of users) {
    for (const id of hears) members.set(id, [...(members.get(id) ?? []), userId]);
  }
  return [...members].map(([id, userIds]) => ({ id, userIds }));
}

function toConversation({ conversationId, members }) {
  return { id: conversationId, userIds: members.map(({ userId }) => userId) };
}
