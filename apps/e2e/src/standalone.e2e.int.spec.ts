/** @jest-environment ./apps/e2e/src/failure.environment.ts */
import { type Deployment, startStandalone } from '@parley/testing';
import { printOutputAfterFailure } from './failure.output';
import { chatSuite } from './chat.suite';
import { corpusSuite } from './corpus.suite';
import { limitSuite } from './limit.suite';
import { logSuite } from './log.suite';
import { standaloneFaultSuite } from './standalone.fault.suite';

jest.setTimeout(120_000);

describe('Parley in one process', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await startStandalone();
  });
  afterAll(async () => {
    printOutputAfterFailure(deployment);
    await deployment?.stop();
  });

  chatSuite(() => deployment);
  describe('whatever is sent', () => corpusSuite(() => deployment));
  describe('faults', () => standaloneFaultSuite(() => deployment));
  describe('limits', () => limitSuite(startStandalone));
  describe('logs', () => logSuite(() => deployment));
});
