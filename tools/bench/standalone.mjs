import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serverEnvironment } from './environment.mjs';
import { freePorts, ServerProcess } from './server-process.mjs';

/** Starts `standalone` on a data directory of its own, with the embedded PostgreSQL. */
export async function startStandalone({ issuer, resources, profileDir, isInspected = false }) {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'parley-bench-'));
  resources.defer(dataDir, () => rmSync(dataDir, { recursive: true, force: true }));
  const [port, inspectPort] = await freePorts(2);
  const server = new ServerProcess({
    name: 'standalone',
    app: 'standalone',
    port,
    profileDir,
    inspectPort: isInspected ? inspectPort : undefined,
    env: serverEnvironment({ DATA_DIR: dataDir, JWT_SECRET: issuer.secret, LOG_LEVEL: 'warn' }),
  });
  resources.defer('standalone', async () => {
    await server.stop();
    stopOrphanedDatabase(dataDir);
  });
  await server.becomesHealthy();
  return {
    name: 'standalone',
    ports: [port],
    pids: { standalone: server.pid },
    /** Where those processes are inspected that hold sockets. */
    inspectPorts: isInspected ? [inspectPort] : [],
    /** The embedded server, for baselines on the same database. */
    databaseServer: embeddedServer(dataDir),
  };
}

function postmaster(dataDir) {
  const file = path.join(dataDir, 'postgres/postmaster.pid');
  if (!existsSync(file)) return undefined;
  const [pid, , , port] = readFileSync(file, 'utf8').split('\n');
  return { pid: Number(pid), port: Number(port) };
}

function embeddedServer(dataDir) {
  const password = readFileSync(path.join(dataDir, 'postgres.password'), 'utf8').trim();
  return `postgresql://parley:${password}@127.0.0.1:${postmaster(dataDir).port}/postgres`;
}

/** Only where the server had to be killed: it stops its database itself. */
function stopOrphanedDatabase(dataDir) {
  const orphan = postmaster(dataDir);
  if (orphan) process.kill(orphan.pid, 'SIGQUIT');
}
