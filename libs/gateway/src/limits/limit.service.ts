import { Inject, Injectable } from '@nestjs/common';
import { LimitsConfig, type LimitTable, limitTableOf, type LimitType } from '@parley/config';
import { bucketOf, type LimitedUser } from './limit.policy';
import { type LimitState, toLimitState, toRefusal } from './limit.state';
import { RateLimiter } from './rate.limiter';

/** Knows who may do what how often, and counts it: over REST, sockets and all gateways together. */
@Injectable()
export class LimitService {
  private readonly table: LimitTable | undefined;

  constructor(
    @Inject(LimitsConfig.token) config: LimitsConfig,
    private readonly limiter: RateLimiter,
  ) {
    this.table = config.enabled ? limitTableOf(config) : undefined;
  }

  /** False where everybody may do everything: nothing is counted then. */
  get areOn(): boolean {
    return this.table !== undefined;
  }

  /**
   * Counts an attempt against one limit after another until one refuses it.
   *
   * @returns how it stands with the one that refused, else with the last one; undefined where limits are off.
   */
  async count(user: LimitedUser, ...types: [LimitType, ...LimitType[]]): Promise<LimitState | undefined> {
    const { table } = this;
    if (!table) return undefined;
    const attempt = await this.limiter.attempt(types.map((type) => bucketOf(table, type, user)));
    return toLimitState(attempt, Date.now());
  }

  /** Counts an attempt. @throws AppError `rate_limited` where it was one too many. */
  async demand(user: LimitedUser, type: LimitType): Promise<void> {
    const state = await this.count(user, type);
    if (state?.isRefused) throw toRefusal(state);
  }
}
