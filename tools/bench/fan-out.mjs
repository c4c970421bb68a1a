// One conversation that everybody hears: what a delivery costs the server, against the bare loop of the same run.
import { startChild } from './child.mjs';
import { prepareRoom, runAudience } from './room.mjs';

/**
 * As many messages are on their way at once: with one there is nothing to be gained from what leaves together. It comes last,
 * as it is the fewest messages, on which nothing would be compiled.
 */
const speakersOf = [10, 1];

export async function measureFanOut({ deployment, issuer, options }) {
  const runs = [];
  for (const speakers of speakersOf) runs.push(await measureSpeakers({ deployment, issuer, options, speakers }));
  return { members: options.room, runs, failures: runs.flatMap(({ failures }) => failures) };
}

async function measureSpeakers({ deployment, issuer, options, speakers }) {
  const results = [];
  for (const transport of ['websocket', 'socketio']) {
    // A new one for each: its messages begin at 1.
    const room = await prepareRoom({ deployment, issuer, size: options.room, prefix: 'listener' });
    const plan = { ...room, transport, isOrdered: true, speakers, pids: deployment.pids };
    results.push(await runAudience(`fan-out on ${transport}`, plan, options));
  }
  const [websocket, socketio] = results;
  const { payloadBytes } = websocket;
  const bare = await measureBareLoop({ users: options.room, speakers, payloadBytes, options });
  return {
    speakers,
    payloadBytes,
    websocket,
    socketio,
    bare,
    failures: [...results, bare].flatMap(({ failures }) => failures),
  };
}

async function measureBareLoop({ users, speakers, payloadBytes, options }) {
  const server = await startChild('baseline.ws-loop.mjs', { payloadBytes });
  try {
    const { port } = server.answer;
    const members = Array.from({ length: users }, (_, index) => ({ userId: `client-${index}`, token: '', port }));
    const plan = { transport: 'bare', isOrdered: false, members, speakers, pids: { bare: server.pid } };
    return await runAudience('the bare loop', plan, options);
  } finally {
    await server.stop();
  }
}
