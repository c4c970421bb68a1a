import { PresenceConfig } from '@parley/config';
import { Inject, Injectable } from '@nestjs/common';

/** Beyond a refresh, until everybody who lives has said so again, in milliseconds. */
const settlingMs = 2_000;

/**
 * After an outage, of the store or of the bus, no lease ends until every gateway had the time to say again who is there:
 * that nobody could say so does not mean that all have gone.
 */
@Injectable()
export class OutagePatience {
  /** Leases may have run out while no presence process was there to renew them. */
  private until: number;
  private lookedAt = performance.now();

  constructor(@Inject(PresenceConfig.token) private readonly config: PresenceConfig) {
    this.until = this.fromNow();
  }

  /** How long it takes until every gateway that lives has said again who is there, in milliseconds. */
  get fullMs(): number {
    return this.config.refreshMs + settlingMs;
  }

  /** For how long no lease ends, in milliseconds. */
  get spareMs(): number {
    return Math.max(0, Math.ceil(this.until - performance.now()));
  }

  /** There is an outage. */
  extend(): void {
    this.until = this.fromNow();
  }

  /** It is looked for what has ended. A process that stood still in between heard nobody say anything. */
  look(): void {
    const now = performance.now();
    if (now - this.lookedAt > this.config.refreshMs) this.extend();
    this.lookedAt = now;
  }

  private fromNow(): number {
    return performance.now() + this.fullMs;
  }
}
