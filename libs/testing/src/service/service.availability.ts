import { spawnSync } from 'node:child_process';

/** Commands by which tests start servers of their own, to stop or to starve them. */
const commands = ['nats-server', 'redis-server'] as const;

/** Servers that run already, and those commands. */
export type ServiceName = 'nats' | 'redis' | (typeof commands)[number];

/** Did the service answer when the tests began? */
export function isServiceUp(service: ServiceName): boolean {
  if (commands.some((command) => command === service)) return spawnSync(service, ['--version']).status === 0;
  return (process.env['PARLEY_TEST_SERVICES'] ?? '').split(',').includes(service);
}

/**
 * `describe` for tests that need more than PostgreSQL. Where one does not answer they are skipped, which the report
 * says; with REQUIRE_SERVICES=1 they fail.
 */
export function describeWith(...services: ServiceName[]): (name: string, tests: () => void) => void {
  const missing = services.filter((service) => !isServiceUp(service)).join(' and ');
  if (missing === '') return describe;
  if (process.env['REQUIRE_SERVICES'] === '1') {
    return (name) =>
      describe(name, () => {
        it(`reaches ${missing}`, () => {
          throw new Error(`${missing} did not answer, and REQUIRE_SERVICES=1 demands it`);
        });
      });
  }
  return (name, tests) => {
    process.stderr.write(`*** LEFT OUT: ${name} needs ${missing}, which did not answer ***\n`);
    describe.skip(`${name} (left out: needs ${missing})`, tests);
  };
}
