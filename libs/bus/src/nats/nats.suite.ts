import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { NatsConfig } from '@parley/config';
import { streamName } from './nats.stream';

const url = process.env['NATS_URL'] ?? 'nats://127.0.0.1:4222';

const probe = `
const [, host, port] = process.argv;
const socket = require('node:net').connect({ host, port: Number(port), timeout: 1000 });
socket.once('connect', () => process.exit(0));
socket.once('error', () => process.exit(1));
socket.once('timeout', () => process.exit(1));`;

/** `describe` where NATS answers; else the tests are left out, loudly, or fail where `REQUIRE_SERVICES=1` demands them. */
export function describeWithNats(name: string, tests: () => void): void {
  const { hostname, port } = natsAddress();
  try {
    execFileSync(process.execPath, ['-e', probe, hostname, String(port)], { stdio: 'ignore' });
    describe(name, tests);
  } catch {
    if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(`NATS does not answer at ${hostname}:${port}`);
    process.stderr.write(
      `\n*** LEFT OUT: the tests of ${name}, because NATS does not answer at ${hostname}:${port} ***\n`,
    );
    describe.skip(name, tests);
  }
}

export function natsAddress(): { readonly hostname: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { hostname, port: Number(port || '4222') };
}

/** A deployment of its own on the shared server. */
export function aNatsConfig(config: Partial<NatsConfig> = {}): NatsConfig {
  return {
    url,
    subjectPrefix: `test-${randomBytes(6).toString('hex')}`,
    streamMaxAgeHours: 1,
    streamMaxBytes: 16 * 1024 * 1024,
    ...config,
  };
}

/** Leaves nothing of a deployment behind. */
export async function removeStream({ subjectPrefix }: NatsConfig): Promise<void> {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  await manager.streams.delete(streamName(subjectPrefix));
  await connection.close();
}
