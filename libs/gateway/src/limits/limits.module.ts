import { Module } from '@nestjs/common';
import { LimitsConfig, RedisConfig } from '@parley/config';
import { HealthService } from '@parley/observability';
import { LimitService } from './limit.service';
import { LocalRateLimiter } from './local-rate.limiter';
import { RateLimiter } from './rate.limiter';
import { RedisRateLimiter } from './redis-rate.limiter';

/** How often users may do what. Several gateways need RedisConfig, to count together; without it each is the only one. */
@Module({
  providers: [
    {
      provide: RateLimiter,
      inject: [LimitsConfig.token, HealthService, { token: RedisConfig.token, optional: true }],
      useFactory: createLimiter,
    },
    LimitService,
  ],
  exports: [LimitService],
})
export class LimitsModule {}

function createLimiter(limits: LimitsConfig, health: HealthService, redis?: RedisConfig): RateLimiter {
  if (!limits.enabled || !redis) return new LocalRateLimiter();
  const limiter = new RedisRateLimiter(redis, limits.answerTimeoutMs);
  health.register({ name: 'limits', needed: false, isUp: () => limiter.isShared });
  return limiter;
}
