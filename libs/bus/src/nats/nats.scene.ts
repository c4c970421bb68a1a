import { randomBytes } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { DynamicModule } from '@nestjs/common';
import { ConfigModule, NatsConfig } from '@parley/config';
import { BusModule } from '../bus.module';
import { streamName } from './nats.stream';

const url = process.env['NATS_URL'] ?? 'nats://127.0.0.1:4222';

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

/** What a process of this deployment imports. */
export function natsModules(config: NatsConfig): DynamicModule[] {
  const settings = {
    NATS_URL: config.url,
    NATS_SUBJECT_PREFIX: config.subjectPrefix,
    NATS_STREAM_MAX_AGE_HOURS: String(config.streamMaxAgeHours),
    NATS_STREAM_MAX_BYTES: String(config.streamMaxBytes),
  };
  return [ConfigModule.forRoot([NatsConfig], settings), BusModule.nats()];
}

/** Leaves nothing of a deployment behind. */
export async function removeStream({ subjectPrefix }: NatsConfig): Promise<void> {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  await manager.streams.delete(streamName(subjectPrefix));
  await connection.close();
}

/** Takes a deployment's stream from it, and keeps it from making another one. @returns what lets it again. */
export async function occupyStream({ subjectPrefix }: NatsConfig): Promise<() => Promise<void>> {
  const connection = await connect({ servers: url });
  const { streams } = await jetstreamManager(connection);
  const name = `OCCUPIED_${streamName(subjectPrefix)}`;
  await streams.delete(streamName(subjectPrefix));
  // Of two streams with the same subjects the broker refuses the second.
  await streams.add({ name, subjects: [`${subjectPrefix}.chat.>`] });
  return async () => {
    await streams.delete(name);
    await connection.close();
  };
}
