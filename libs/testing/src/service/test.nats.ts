// eslint-disable-next-line no-restricted-imports -- what libs/bus leaves on the server is removed without libs/bus
import { jetstreamManager } from '@nats-io/jetstream';
// eslint-disable-next-line no-restricted-imports -- as above
import { connect } from '@nats-io/transport-node';
import { isServiceUp } from './service.availability';
import { uniqueName } from './test.run';

/** The NATS server of the tests, with a subject prefix that nobody else uses. */
export interface TestNats {
  readonly url: string;
  readonly isUp: boolean;
  /** For NATS_SUBJECT_PREFIX. */
  readonly prefix: string;
  /** Removes the streams under the prefix, and their consumers with them. */
  cleanup(): Promise<void>;
}

export function natsForTests(): TestNats {
  const url = process.env['NATS_URL'] || 'nats://127.0.0.1:4222';
  const prefix = uniqueName();
  const isUp = isServiceUp('nats');
  return { url, prefix, isUp, cleanup: async () => (isUp ? removeStreams(url, prefix) : undefined) };
}

/** A stream's name begins with the prefix in capitals. */
async function removeStreams(url: string, prefix: string): Promise<void> {
  const connection = await connect({ servers: url });
  try {
    const { streams } = await jetstreamManager(connection);
    const found: string[] = [];
    for await (const name of streams.names()) if (name.startsWith(prefix.toUpperCase())) found.push(name);
    for (const name of found) await streams.delete(name);
  } finally {
    await connection.close();
  }
}
