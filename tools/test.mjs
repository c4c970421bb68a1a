// Runs the tests: node tools/test.mjs [jest arguments...]
// Tests that need NATS or Redis are left out where those do not answer, and that is said at both ends. REQUIRE_SERVICES=1
// makes it a failure instead.
import './bootstrap/node-version.mjs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { isReachable } from './reachable.mjs';

const root = path.resolve(import.meta.dirname, '..');

const services = [
  { name: 'NATS', url: process.env.NATS_URL || 'nats://127.0.0.1:4222', port: 4222 },
  { name: 'Redis', url: process.env.REDIS_URL || 'redis://127.0.0.1:6379', port: 6379 },
];

function run(args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  return status ?? 1;
}

const answered = await Promise.all(services.map(({ url, port }) => isReachable(url, port)));
const missing = services.filter((_, index) => !answered[index]).map(({ name, url }) => `${name} (${url})`);
const notice = `\n*** LEFT OUT: the tests that need ${missing.join(' and ')}, which does not answer. ***\n`;
if (missing.length > 0 && process.env.REQUIRE_SERVICES === '1') {
  console.error(`${missing.join(' and ')}: no answer, and REQUIRE_SERVICES=1 demands it.`);
  process.exit(1);
}
if (missing.length > 0) console.error(notice);

const failed = run(['tools/bootstrap.mjs']);
if (failed !== 0) process.exit(failed);
const status = run(['node_modules/jest/bin/jest.js', '-c', 'jest.config.cjs', ...process.argv.slice(2)]);
if (missing.length > 0) console.error(notice);
process.exit(status);
