import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppDeployment } from './app.deployment';
import { AppProcess } from './app.process';
import type { Deployment } from './deployment';
import { freePort } from './free.port';

const pollMs = 25;

/**
 * Starts Parley in one process, on a PostgreSQL and a DATA_DIR of its own. It needs nothing but Node.
 *
 * @param env more settings, or other ones.
 */
export async function startStandalone(env: Readonly<Record<string, string>> = {}): Promise<Deployment> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-e2e-'));
  // PostgreSQL refuses to run as root and is then another user's process, which has to get through.
  await chmod(folder, 0o711);
  const dataDir = path.join(folder, 'data');
  const secret = randomBytes(32).toString('hex');
  const standalone = new AppProcess({
    name: 'standalone',
    app: 'standalone',
    port: await freePort(),
    env: {
      DATA_DIR: dataDir,
      JWT_SECRET: secret,
      AUTH_DEV_ISSUER: 'false',
      DRAIN_SECONDS: '1',
      RATE_LIMITS: 'off',
      // A busy machine must not make it turn away those who come.
      WS_MAX_LOOP_LAG_MS: '60000',
      ...env,
    },
  });
  const cleanUp = async () => {
    await stopOrphan(dataDir);
    await rm(folder, { recursive: true, force: true });
  };
  return new AppDeployment('standalone', secret, [standalone], 'standalone', cleanUp).start();
}

/** A killed server leaves its PostgreSQL behind, to be replaced by the next start; here there is none. */
async function stopOrphan(dataDir: string): Promise<void> {
  const files = await readdir(dataDir, { recursive: true }).catch(() => []);
  const pidFile = files.find((file) => path.basename(file) === 'postmaster.pid');
  if (pidFile === undefined) return;
  const [firstLine = ''] = (await readFile(path.join(dataDir, pidFile), 'utf8')).split('\n');
  const pid = Number(firstLine);
  for (let signal: NodeJS.Signals | 0 = 'SIGQUIT'; pid > 0 && reaches(pid, signal); signal = 0) await delay(pollMs);
}

function reaches(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
