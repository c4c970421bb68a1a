import { type DynamicModule, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PresenceConfig, RedisConfig } from '@parley/config';
import { LastSeenKeeper } from './status/last-seen.keeper';
import { OutagePatience } from './status/outage.patience';
import { PresenceAnnouncer } from './status/presence.announcer';
import { PresenceController } from './status/presence.controller';
import { PresenceSweeper } from './status/presence.sweeper';
import { MemoryPresenceStore } from './store/memory-presence.store';
import { PresenceStore, type PresenceTimes } from './store/presence.store';
import { RedisPresenceStore } from './store/redis-presence.store';

/** How long a process may take to announce what it took on, in milliseconds; past that it is taken for dead. */
const claimMs = 3_000;

/** The service that owns who is online. Needs BusModule and PresenceConfig. */
@Module({})
export class PresenceModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly sweeper: PresenceSweeper,
    private readonly store: PresenceStore,
  ) {}

  /** One of several processes that share a Redis. Needs RedisConfig, too. */
  static onRedis(): DynamicModule {
    return presenceOn({
      provide: PresenceStore,
      inject: [RedisConfig.token, PresenceConfig.token],
      useFactory: (redis: RedisConfig, config: PresenceConfig) => new RedisPresenceStore(redis, timesOf(config)),
    });
  }

  /** The only process. */
  static inMemory(): DynamicModule {
    return presenceOn({
      provide: PresenceStore,
      inject: [PresenceConfig.token],
      useFactory: (config: PresenceConfig) => new MemoryPresenceStore(timesOf(config)),
    });
  }

  onApplicationBootstrap(): void {
    this.sweeper.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.sweeper.stop();
    this.store.close();
  }
}

function timesOf({ leaseMs, graceMs, holdMs }: PresenceConfig): PresenceTimes {
  return { leaseMs, graceMs, holdMs, claimMs };
}

function presenceOn(store: NonNullable<DynamicModule['providers']>[number]): DynamicModule {
  return {
    module: PresenceModule,
    controllers: [PresenceController],
    providers: [store, OutagePatience, PresenceAnnouncer, LastSeenKeeper, PresenceSweeper],
    exports: [PresenceStore],
  };
}
