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
  const run = { speakers };
  for (const transport of ['websocket', 'socketio']) {
    // A new one for each: its messages begin at 1.
    const room = await prepareRoom({ deployment, issuer, size: options.room, prefix: 'listener' });
    const plan = { ...room, transport, isOrdered: true, speakers, pids: deployment.pids };
    const parley = await runAudience(`fan-out on ${transport}`, plan, options);
    // At once after it: a machine that others share too is another one a minute later.
    const { payloadBytes } = parley;
    const bare = await measureBareLoop({ users: options.room, speakers, payloadBytes, options });
    run[transport] = { parley, bare };
  }
  const { websocket, socketio } = run;
  const measured = [websocket.parley, websocket.bare, socketio.parley, socketio.bare];
  return {
    ...run,
    payloadBytes: websocket.parley.payloadBytes,
    failures: measured.flatMap(({ failures }) => failures),
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
