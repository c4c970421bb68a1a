import { BusHealth } from '@parley/bus';
import { PresenceConfig } from '@parley/config';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { PresenceStore } from '../store/presence.store';
import { LastSeenKeeper } from './last-seen.keeper';
import { OutagePatience } from './outage.patience';
import { PresenceAnnouncer } from './presence.announcer';

/** Presentities that one sweep looks at. */
const batchSize = 500;
/** Between attempts to write what the profiles do not tell yet, in milliseconds. */
const saveEveryMs = 1_000;

/**
 * Ends what nobody renews, and announces it.
 *
 * After an outage it spares what was not renewed for a while; who was said to be gone is gone all the same.
 */
@Injectable()
export class PresenceSweeper {
  private readonly log = new Logger(PresenceSweeper.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isStopped = false;
  private isFailing = false;
  /** Infinite while it is being saved. */
  private savesFrom = 0;

  constructor(
    @Inject(PresenceConfig.token) private readonly config: PresenceConfig,
    private readonly store: PresenceStore,
    private readonly announcer: PresenceAnnouncer,
    private readonly keeper: LastSeenKeeper,
    private readonly bus: BusHealth,
    private readonly patience: OutagePatience,
  ) {}

  start(): void {
    this.plan();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private plan(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.running = this.tick().finally(() => this.plan());
    }, this.config.sweepMs).unref();
  }

  /** Never rejects. */
  private async tick(): Promise<void> {
    try {
      this.patience.look();
      if (!this.bus.isUp() || !(await this.store.isUp())) return this.patience.extend();
      await this.sweep();
      if (performance.now() >= this.savesFrom) void this.save();
      this.isFailing = false;
    } catch (error) {
      this.patience.extend();
      // Once per outage, not once per sweep.
      if (!this.isFailing) this.log.warn(`could not sweep, trying again: ${String(error)}`);
      this.isFailing = true;
    }
  }

  private async sweep(): Promise<void> {
    for (let looked = batchSize; looked === batchSize;) {
      const swept = await this.store.sweep(batchSize, this.patience.spareMs);
      await this.announcer.announce(swept.announcements);
      looked = swept.looked;
    }
  }

  /** Beside the sweeps: that the profiles cannot be written must not keep what is due from being announced. Never rejects. */
  private async save(): Promise<void> {
    this.savesFrom = Infinity;
    await this.keeper.save().catch((error: unknown) => {
      this.log.debug(`could not save when users were last seen, trying again: ${String(error)}`);
    });
    this.savesFrom = performance.now() + saveEveryMs;
  }
}
