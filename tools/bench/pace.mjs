// The two ways to press a server: as fast as it answers, and as fast as one likes.
import { measure } from './measurement.mjs';

/** A send that starts this late against its schedule is the load's own timer; one later than this is the server's doing. */
const timerSlackMs = 3;

/** Sends after which the code of all processes is compiled. */
const warmupCount = 20_000;

/** A fixed number of sends in flight: each acknowledgement sends the next one. */
export async function closedLoop({ inFlight, warmupSeconds, seconds, traffic, users, pids }) {
  let stopped = false;
  const sendNext = (user) => {
    if (!stopped) traffic.send(user, anyOf(user.sendsTo), performance.now(), () => sendNext(user));
  };
  for (let index = 0; index < inFlight; index++) sendNext(users[index % users.length]);
  const result = await watch({ warmupSeconds, seconds, traffic, pids });
  stopped = true;
  return { kind: 'closed', inFlight, ...result };
}

/** A fixed rate, whatever the server does: latencies count from when a send was due. */
export async function openLoop({ rate, warmupSeconds, seconds, traffic, users, pids }) {
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    const due = ((now - startedAt) / 1_000) * rate;
    for (; sent < due; sent++) {
      const dueAt = startedAt + (sent / rate) * 1_000;
      const user = users[sent % users.length];
      traffic.send(user, anyOf(user.sendsTo), now - dueAt > timerSlackMs ? dueAt : now);
    }
  }, 1);
  const result = await watch({ warmupSeconds, seconds, traffic, pids });
  clearInterval(timer);
  return { kind: 'open', rate, ...result };
}

function anyOf(values) {
  return values[Math.floor(Math.random() * values.length)];
}

async function watch({ traffic, ...options }) {
  const onStart = () => traffic.startMeasuring();
  const measured = await measure({ ...options, onStart, warmupCount, count: () => traffic.acked });
  traffic.isMeasuring = false;
  const cpuMicros = Object.fromEntries(
    Object.entries(measured.cpu).map(([name, micros]) => [name, micros / measured.count]),
  );
  return {
    messages: measured.count,
    perSecond: measured.count / measured.seconds,
    ackMs: traffic.ackLatency.summary(),
    deliveryMs: traffic.deliveryLatency.summary(),
    cpuMicros,
    cpuMicrosInAll: Object.values(cpuMicros).reduce((sum, micros) => sum + micros, 0),
  };
}
