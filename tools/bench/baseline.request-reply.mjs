// Baseline: bare NATS request/reply with a typical message as JSON, between two processes.
// Plan: { natsUrl, subject, responderPid, inFlight, warmupSeconds, seconds }.
import { connect } from '@nats-io/transport-node';
import { answerPlan } from './child.mjs';
import { measure } from './measurement.mjs';
import { sendRequest } from './typical-message.mjs';

const timeoutMs = 5_000;

await answerPlan(async ({ natsUrl, subject, responderPid, inFlight, warmupSeconds, seconds }) => {
  const connection = await connect({ servers: natsUrl });
  let answered = 0;
  let stopped = false;
  const lane = async () => {
    while (!stopped) {
      const reply = await connection.request(subject, JSON.stringify(sendRequest()), { timeout: timeoutMs });
      if (reply.json().duplicate) throw new Error('the responder answered something else');
      answered++;
    }
  };
  const lanes = Promise.all(Array.from({ length: inFlight }, lane));
  const pids = { client: process.pid, responder: responderPid };
  const result = await Promise.race([measure({ warmupSeconds, seconds, pids, count: () => answered }), lanes]);
  stopped = true;
  await lanes;
  await connection.close();
  return {
    perSecond: result.count / result.seconds,
    cpuMicros: (result.cpu.client + result.cpu.responder) / result.count,
  };
});
