// One conversation that everybody hears: what a delivery costs the server, against the bare loop of the same run.
import { runChild, startChild } from './child.mjs';
import { RestClient } from './rest-client.mjs';

const speakers = 10;
const marginMs = 90_000;

export async function measureFanOut({ deployment, issuer, options }) {
  const [port] = deployment.ports;
  const userIds = Array.from({ length: options.room }, (_, index) => `listener-${index}`);
  const rest = new RestClient(issuer);
  await rest.createUsers(port, userIds);
  const members = userIds.map((userId) => ({ userId, token: issuer.issue(userId) }));
  const results = [];
  for (const transport of ['websocket', 'socketio']) {
    // A new one for each: its messages begin at 1.
    const conversationId = await rest.createConversation(port, userIds[0], {
      type: 'group',
      title: 'Everybody',
      participant_ids: userIds.slice(1),
    });
    const plan = { port, transport, members, conversationId, pids: deployment.pids };
    results.push(await runAudience(plan, options));
  }
  const [websocket, socketio] = results;
  const bare = await measureBareLoop({ members, payloadBytes: websocket.payloadBytes, options });
  return { websocket, socketio, bare, failures: [...results, bare].flatMap(({ failures }) => failures) };
}

async function measureBareLoop({ members, payloadBytes, options }) {
  const server = await startChild('baseline.ws-loop.mjs', { payloadBytes });
  try {
    const plan = { port: server.answer.port, transport: 'bare', members, pids: { bare: server.pid } };
    return await runAudience(plan, options);
  } finally {
    await server.stop();
  }
}

async function runAudience(plan, { seconds, warmupSeconds }) {
  const timeoutMs = (seconds + warmupSeconds) * 1_000 + marginMs;
  const result = await runChild('audience.mjs', { ...plan, speakers, seconds, warmupSeconds }, timeoutMs);
  return { ...result, failures: result.failures.map((sentence) => `fan-out on ${plan.transport}: ${sentence}`) };
}
