/** @jest-environment ./apps/e2e/src/failure.environment.ts */
import { type Deployment, describeWith, OwnRedis, startCluster } from '@parley/testing';
import { activitySuite } from './activity.suite';
import { printOutputAfterFailure } from './failure.output';
import { presenceFaultSuite } from './presence.fault.suite';
import { presenceSuite } from './presence.suite';

jest.setTimeout(180_000);

/** Longer than a busy machine takes to replace a socket by another one. */
const graceMs = '2000';

/** Shorter than anybody would set them, so that what takes a minute takes seconds. */
const times = { leaseMs: 3_000, refreshMs: 500 };

describeWith('nats', 'redis-server')('presence on two gateways and two presence processes', () => {
  let deployment: Deployment;
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await OwnRedis.start();
    deployment = await startCluster(
      { gateways: 2, messaging: 1, presence: 2 },
      {
        REDIS_URL: redis.url,
        PRESENCE_LEASE_MS: String(times.leaseMs),
        PRESENCE_REFRESH_MS: String(times.refreshMs),
        PRESENCE_SWEEP_MS: '50',
        PRESENCE_GRACE_MS: graceMs,
      },
    );
  });
  afterAll(async () => {
    printOutputAfterFailure(deployment);
    await deployment?.stop();
    await redis?.kill();
  });

  describe('who is here', () => presenceSuite(() => deployment));
  describe('what they do', () => activitySuite(() => deployment));
  describe('faults', () =>
    presenceFaultSuite(
      () => deployment,
      () => redis,
      times,
    ));
});
