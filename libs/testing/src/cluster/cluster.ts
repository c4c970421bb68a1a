import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { natsForTests } from '../service/test.nats';
import { redisForTests } from '../service/test.redis';
import { testDatabase } from '../service/test.database';
import { AppDeployment } from './app.deployment';
import { AppProcess } from './app.process';
import type { Deployment } from './deployment';
import { freePort } from './free.port';

export interface ClusterSize {
  readonly gateways: number;
  readonly messaging: number;
  /** 1 where it is not given. */
  readonly presence?: number;
}

/**
 * Starts Parley as separate processes, on a database, NATS subjects and Redis keys that nobody else uses.
 *
 * @param env more settings, or other ones, for all of them.
 */
export async function startCluster(
  { gateways, messaging, presence = 1 }: ClusterSize,
  env: Readonly<Record<string, string>> = {},
): Promise<Deployment> {
  const [database, nats, redis] = [await testDatabase(), natsForTests(), redisForTests()];
  const secret = randomBytes(32).toString('hex');
  const dataDir = await mkdtemp(path.join(tmpdir(), 'parley-cluster-'));
  const mediaPort = await freePort();
  const settings = {
    DATABASE_URL: database.url,
    NATS_URL: nats.url,
    NATS_SUBJECT_PREFIX: nats.prefix,
    REDIS_URL: redis.url,
    REDIS_KEY_PREFIX: redis.prefix,
    JWT_SECRET: secret,
    DATA_DIR: dataDir,
    MEDIA_URL: `http://127.0.0.1:${mediaPort}`,
    MEDIA_SECRET: randomBytes(32).toString('hex'),
    DRAIN_SECONDS: '1',
    RATE_LIMITS: 'off',
    // A busy machine must not make a gateway turn away those who come.
    WS_MAX_LOOP_LAG_MS: '60000',
    ...env,
  };
  const processes = await Promise.all(
    [
      ...numbered('messaging', messaging),
      ...numbered('presence', presence),
      ...numbered('media', 1),
      ...numbered('gateway', gateways),
    ].map(
      async ({ app, name }) =>
        new AppProcess({ app, name, port: app === 'media' ? mediaPort : await freePort(), env: settings }),
    ),
  );
  const cleanUp = async () => {
    await Promise.all([
      database.drop(),
      nats.cleanup(),
      redis.cleanup(),
      rm(dataDir, { recursive: true, force: true }),
    ]);
  };
  return new AppDeployment('cluster', secret, processes, 'gateway', cleanUp).start();
}

function numbered(app: string, count: number): { readonly app: string; readonly name: string }[] {
  return Array.from({ length: count }, (_, index) => ({ app, name: `${app}-${index + 1}` }));
}
