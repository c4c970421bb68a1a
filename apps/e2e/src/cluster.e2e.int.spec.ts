/** @jest-environment ./apps/e2e/src/failure.environment.ts */
import { type Deployment, describeWith, startCluster } from '@parley/testing';
import { printOutputAfterFailure } from './failure.output';
import { chatSuite } from './chat.suite';
import { clusterFaultSuite } from './cluster.fault.suite';
import { limitSuite } from './limit.suite';
import { logSuite } from './log.suite';
import { mediaFaultSuite } from './media.fault.suite';

jest.setTimeout(120_000);

describeWith('nats', 'redis')('Parley as a cluster of two gateways and two messaging processes', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await startCluster({ gateways: 2, messaging: 2 });
  });
  afterAll(async () => {
    printOutputAfterFailure(deployment);
    await deployment?.stop();
  });

  chatSuite(() => deployment);
  describe('faults', () => clusterFaultSuite(() => deployment));
  describe('files without their service', () => mediaFaultSuite(() => deployment));
  describe('limits', () => limitSuite((env) => startCluster({ gateways: 2, messaging: 1 }, env)));
  describe('logs', () => logSuite(() => deployment));
});
