import { type DynamicModule, Global, type InjectionToken, Module } from '@nestjs/common';
import { HealthController } from './health.controller';
import type { HealthIndicator } from './health.indicator';
import { HealthService } from './health.service';
import { Readiness } from './readiness';

export interface HealthOptions<Dependencies extends unknown[]> {
  /** Tokens of what `indicators` takes, in order; provided by global modules. */
  readonly inject: readonly InjectionToken[];
  readonly indicators: (...dependencies: Dependencies) => readonly HealthIndicator[];
}

/**
 * `/health`, `/health/live`, `/health/ready` and `/health/detailed`, and everywhere Readiness and HealthService, at which
 * modules may register further indicators.
 */
@Global()
@Module({})
export class HealthModule {
  static forRoot<Dependencies extends unknown[] = []>(options?: HealthOptions<Dependencies>): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [
        Readiness,
        {
          provide: HealthService,
          inject: [Readiness, ...(options?.inject ?? [])],
          useFactory: (readiness: Readiness, ...dependencies: Dependencies) => {
            const health = new HealthService(readiness);
            for (const indicator of options?.indicators(...dependencies) ?? []) health.register(indicator);
            return health;
          },
        },
      ],
      exports: [Readiness, HealthService],
    };
  }
}
