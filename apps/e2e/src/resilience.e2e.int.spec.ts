/** @jest-environment ./apps/e2e/src/failure.environment.ts */
import { describeWith, startCluster, startStandalone } from '@parley/testing';
import { degradationSuite } from './degradation.suite';
import { drainSuite } from './drain.suite';
import { pressureSuite } from './pressure.suite';
import { databaseFaultSuite } from './standalone.fault.suite';

jest.setTimeout(180_000);

describe('Parley in one process under pressure', () => pressureSuite(startStandalone));

describe('Parley in one process whose database fails', () => databaseFaultSuite(startStandalone));

describeWith('nats', 'redis')('Parley as a cluster', () => {
  describe('under pressure', () => pressureSuite((env) => startCluster({ gateways: 2, messaging: 1 }, env)));
  describe('that is drained', () => drainSuite((env) => startCluster({ gateways: 2, messaging: 2 }, env)));
  describe('without a service', () => degradationSuite((env) => startCluster({ gateways: 2, messaging: 2 }, env)));
});
