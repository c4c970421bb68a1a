import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isReachable } from '../reachable.mjs';
import { backingServices, serverEnvironment } from './environment.mjs';
import { createDatabase, deleteKeys, deleteStreams } from './scratch.mjs';
import { freePorts, ServerProcess } from './server-process.mjs';

/** @returns {Promise<string[]>} the backing services that do not answer */
export async function missingServices() {
  const { natsUrl, redisUrl, databaseServer } = backingServices();
  const services = { NATS: [natsUrl, 4222], Redis: [redisUrl, 6379], PostgreSQL: [databaseServer, 5432] };
  const answers = await Promise.all(
    Object.entries(services).map(async ([name, [url, port]]) => ((await isReachable(url, port)) ? [] : [name])),
  );
  return answers.flat();
}

/** Starts gateways, messaging, media and presence processes on the backing services, with a database, subjects and keys of their own. */
export async function startCluster({ issuer, resources, options, isInspected = false, settings = {} }) {
  const { natsUrl, redisUrl, databaseServer } = backingServices();
  const name = `parley-bench-${randomBytes(4).toString('hex')}`;
  resources.defer('streams', () => deleteStreams(natsUrl, name));
  resources.defer('keys', () => deleteKeys(redisUrl, name));
  const dataDir = mkdtempSync(path.join(tmpdir(), 'parley-bench-'));
  resources.defer(dataDir, () => rmSync(dataDir, { recursive: true, force: true }));
  const env = serverEnvironment({
    JWT_SECRET: issuer.secret,
    LOG_LEVEL: 'warn',
    NATS_URL: natsUrl,
    NATS_SUBJECT_PREFIX: name,
    REDIS_URL: redisUrl,
    REDIS_KEY_PREFIX: name,
    DATABASE_URL: await createDatabase(databaseServer, name, resources),
    DATA_DIR: dataDir,
    MEDIA_SECRET: randomBytes(32).toString('base64url'),
    ...settings,
  });
  const processes = await startProcesses({ env, resources, options, isInspected });
  return {
    name: 'cluster',
    ports: processes.filter(({ name: each }) => each.startsWith('gateway')).map(({ port }) => port),
    pids: Object.fromEntries(processes.map(({ name: each, pid }) => [each, pid])),
    /** Where those processes are inspected that hold sockets. */
    inspectPorts: processes.flatMap(({ inspectPort }) => inspectPort ?? []),
    databaseServer,
    natsUrl,
    redisUrl,
    subjectPrefix: name,
  };
}

async function startProcesses({ env, resources, options, isInspected }) {
  const plan = [
    { app: 'media', number: 1 },
    { app: 'presence', number: 1 },
    ...Array.from({ length: options.messaging }, (_, index) => ({ app: 'messaging', number: index + 1 })),
    ...Array.from({ length: options.gateways }, (_, index) => ({ app: 'gateway', number: index + 1 })),
  ];
  const ports = await freePorts(2 * plan.length);
  const withFiles = { ...env, MEDIA_URL: `http://127.0.0.1:${ports[0]}` };
  const processes = plan.map(({ app, number }, index) => {
    const server = new ServerProcess({
      name: `${app}-${number}`,
      app,
      port: ports[index],
      env: withFiles,
      profileDir: options.profileDir,
      inspectPort: isInspected && app === 'gateway' ? ports[plan.length + index] : undefined,
    });
    resources.defer(server.name, () => server.stop());
    return server;
  });
  await Promise.all(processes.map((server) => server.becomesHealthy()));
  return processes;
}
