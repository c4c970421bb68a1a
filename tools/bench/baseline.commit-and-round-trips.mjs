// Baseline: what a message that is stored by another process waits for at the least, one after the other: a request and its
// reply over NATS, a committed row, a second request and reply. At a fixed rate, whatever comes of it.
// Plan: { natsUrl, subject, databaseUrl, rate, warmupSeconds, seconds }.
import { randomUUID } from 'node:crypto';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { createByHandTables, insertMessage } from './baseline.by-hand.tables.mjs';
import { answerPlan } from './child.mjs';
import { Latency } from './latency.mjs';
import { measure } from './measurement.mjs';
import { atRate } from './pace.mjs';
import { content, sendRequest } from './typical-message.mjs';

const poolSize = 10;
const timeoutMs = 10_000;

await answerPlan(async ({ natsUrl, subject, databaseUrl, rate, warmupSeconds, seconds }) => {
  const connection = await connect({ servers: natsUrl });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize });
  await createByHandTables(pool, []);
  let latency = new Latency();
  let done = 0;
  const roundTrip = () => connection.request(subject, JSON.stringify(sendRequest()), { timeout: timeoutMs });
  const walk = async (since) => {
    await roundTrip();
    await pool.query({ ...insertMessage, values: ['1', 'user-17', randomUUID(), content] });
    await roundTrip();
    latency.add(performance.now() - since);
    done++;
  };
  const running = new Set();
  let fail;
  const failed = new Promise((_, reject) => (fail = reject));
  const stop = atRate(rate, (_, since) => {
    const walking = walk(since).catch(fail);
    running.add(walking);
    void walking.finally(() => running.delete(walking));
  });
  const onStart = () => (latency = new Latency());
  const result = await Promise.race([
    measure({ warmupSeconds, seconds, pids: {}, onStart, count: () => done }),
    failed,
  ]);
  const ms = latency.summary();
  stop();
  await Promise.race([Promise.all(running), failed]);
  await pool.end();
  await connection.close();
  return { rate, perSecond: result.count / result.seconds, ms };
});
