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
  const stop = atRate(rate, (index, since) => {
    const user = users[index % users.length];
    traffic.send(user, anyOf(user.sendsTo), since);
  });
  const result = await watch({ warmupSeconds, seconds, traffic, pids });
  stop();
  return { kind: 'open', rate, ...result };
}

/**
 * Calls `act` at a fixed rate a second, with the number of the call and what its latency counts from, in the milliseconds of
 * performance.now().
 *
 * @returns {() => void} ends it
 */
export function atRate(rate, act) {
  const startedAt = performance.now();
  let count = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    const due = ((now - startedAt) / 1_000) * rate;
    for (; count < due; count++) {
      const dueAt = startedAt + (count / rate) * 1_000;
      act(count, now - dueAt > timerSlackMs ? dueAt : now);
    }
  }, 1);
  return () => clearInterval(timer);
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
