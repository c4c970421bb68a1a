import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import {
  DiscardPolicy,
  jetstreamManager,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { NatsConfig } from '@parley/config';
import type { NatsConnector } from './nats.connector';

const duplicateWindowMs = 120_000;
const firstRetryMs = 250;
const maxRetryMs = 10_000;

/** `stream not found` of the JetStream API. */
const streamNotFound = 10_059;

/**
 * The stream `CHAT` that holds durable events. Made, or brought up to the configuration, at the start and after each
 * reconnect (the broker may have lost it), again and again until the broker agrees.
 */
export class NatsStream {
  readonly name: string;
  private readonly logger = new Logger(NatsStream.name);
  private ready: Promise<void>;
  private isTrying = false;

  private constructor(
    private readonly connector: NatsConnector,
    private readonly config: NatsConfig,
  ) {
    this.name = streamName(config.subjectPrefix);
    this.ready = this.keepTrying();
    connector.onDisruption((reason) => {
      if (reason === 'reconnected') this.ensureAgain();
    });
  }

  /** Begins to make the stream and does not wait for it. */
  static start(connector: NatsConnector, config: NatsConfig): NatsStream {
    return new NatsStream(connector, config);
  }

  /** Resolves when the stream is there, or the process shuts down. */
  whenReady(): Promise<void> {
    return this.ready;
  }

  /** For who finds that the broker may have lost it. */
  ensureAgain(): void {
    if (!this.isTrying) this.ready = this.keepTrying();
  }

  private async keepTrying(): Promise<void> {
    this.isTrying = true;
    await this.tryUntilDone().finally(() => (this.isTrying = false));
  }

  private async tryUntilDone(): Promise<void> {
    const signal = this.connector.closed;
    for (let waitMs = firstRetryMs; !signal.aborted; waitMs = Math.min(maxRetryMs, waitMs * 2)) {
      try {
        await this.ensure();
        return;
      } catch (err) {
        if (signal.aborted) return;
        this.logger.warn({ msg: 'The stream is not available; trying on', stream: this.name, err });
      }
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async ensure(): Promise<void> {
    const manager = await jetstreamManager((await this.connector.whenConnected()).connection, { checkAPI: false });
    const config = this.wanted();
    try {
      await manager.streams.update(this.name, config);
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== streamNotFound) throw error;
      // Another process may add the same at the same time; equal configurations agree.
      await manager.streams.add({
        ...config,
        name: this.name,
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
      });
    }
  }

  /** What is not named here (replicas, placement) is the operator's and stays as it is. */
  private wanted() {
    return {
      subjects: [this.connector.toWire('chat.>')],
      max_age: nanos(this.config.streamMaxAgeHours * 3_600_000),
      max_bytes: this.config.streamMaxBytes,
      duplicate_window: nanos(duplicateWindowMs),
      discard: DiscardPolicy.Old,
    } satisfies Partial<StreamConfig>;
  }
}

/** `CHAT`, or `<PREFIX>_CHAT`: names of streams have neither dots nor small letters here. */
export function streamName(subjectPrefix: string): string {
  return subjectPrefix === '' ? 'CHAT' : `${subjectPrefix.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_')}_CHAT`;
}
