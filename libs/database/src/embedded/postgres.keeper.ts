import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';

/** What is kept running. */
export interface KeptServer {
  /** Resolves when the process that was started last has gone, with how. */
  ended(): Promise<string>;
  /** Starts it again, and resolves when it serves. @param signal gives that up. */
  start(signal: AbortSignal): Promise<void>;
}

export interface KeeperOptions {
  /** Before each attempt, in milliseconds. The first one is for processes of a killed server, which see its end and go. */
  readonly pausesMs?: readonly number[];
  /** A server that served for so long is a sound one: what befalls it then is counted anew. In milliseconds. */
  readonly soundAfterMs?: number;
  /** Told once, when it ended and no attempt helped. Nobody starts it any more then. */
  readonly onLost: (error: Error) => void;
}

const defaults = { pausesMs: [100, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000], soundAfterMs: 10_000 };

/** Starts a server again when it ends and nobody asked for that, a bounded number of times. */
export class PostgresKeeper {
  private readonly logger = new Logger(PostgresKeeper.name);
  private readonly options: Required<KeeperOptions>;
  private readonly release = new AbortController();
  private underway: Promise<void> = Promise.resolve();
  private attempts = 0;

  constructor(
    private readonly server: KeptServer,
    options: KeeperOptions,
  ) {
    this.options = { ...defaults, ...options };
  }

  /** From here on; it serves already. */
  keep(): void {
    const since = performance.now();
    void this.server.ended().then((how) => {
      if (this.release.signal.aborted) return;
      if (performance.now() - since >= this.options.soundAfterMs) this.attempts = 0;
      this.underway = this.restart(new Error(`It ended by itself: ${how}`));
    });
  }

  /** From here on its end is final. Gives up an attempt that is under way, and resolves when that is over. */
  letGo(): Promise<void> {
    this.release.abort();
    return this.underway;
  }

  /** Never rejects. */
  private async restart(cause: Error): Promise<void> {
    const { pausesMs, onLost } = this.options;
    const { signal } = this.release;
    let err = cause;
    for (let pauseMs = pausesMs[this.attempts]; pauseMs !== undefined; pauseMs = pausesMs[this.attempts]) {
      const attempt = ++this.attempts;
      this.logger.error({ msg: `PostgreSQL is down: attempt ${attempt} of ${pausesMs.length} to start it again`, err });
      try {
        await delay(pauseMs, undefined, { signal });
        await this.server.start(signal);
        this.logger.log('PostgreSQL serves again');
        this.keep();
        return;
      } catch (failure) {
        if (signal.aborted) return;
        err = failure instanceof Error ? failure : new Error(String(failure));
      }
    }
    onLost(new Error('PostgreSQL ended by itself, and could not be started again', { cause: err }));
  }
}
