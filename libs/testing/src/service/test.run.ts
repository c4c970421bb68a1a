import { randomBytes } from 'node:crypto';

/** A name of its own for something that a test makes on a server that others use too; fits PostgreSQL, NATS and Redis. */
export function uniqueName(): string {
  const run = process.env['PARLEY_TEST_RUN'];
  if (!run) throw new Error('The tests run without libs/testing/src/jest/global-setup.mjs');
  return `${namesOfRun(run)}${randomBytes(4).toString('hex')}`;
}

/** What all names of one run of the tests begin with; the end of the run removes databases by it. */
const namesOfRun = (run: string): string => `parley_test_${run}_`;

/** A database of the run that is the same in all of its workers. */
export const sharedName = (name: string): string => `${namesOfRun(process.env['PARLEY_TEST_RUN'] ?? '')}${name}`;
