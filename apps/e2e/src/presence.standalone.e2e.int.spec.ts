/** @jest-environment ./apps/e2e/src/failure.environment.ts */
import { type Deployment, startStandalone } from '@parley/testing';
import { activitySuite } from './activity.suite';
import { printOutputAfterFailure } from './failure.output';
import { presenceSuite } from './presence.suite';

jest.setTimeout(120_000);

/** Longer than a busy machine takes to replace a socket by another one. */
const graceMs = '2000';

describe('presence in one process', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await startStandalone({ PRESENCE_GRACE_MS: graceMs });
  });
  afterAll(async () => {
    printOutputAfterFailure(deployment);
    await deployment?.stop();
  });

  describe('who is here', () => presenceSuite(() => deployment));
  describe('what they do', () => activitySuite(() => deployment));
});
