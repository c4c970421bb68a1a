import { EventBus, RpcClient } from '@parley/bus';
import { PresenceConfig } from '@parley/config';
import { type KnownPresence, type PresenceStatus, ReadStatuses, type UserId } from '@parley/contracts';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { EventEmitter } from 'node:events';
import { PresenceAudience } from './presence.audience';
import { PresenceWatches } from './presence.watches';

const batchSize = 1_000;
/** Users that one round asks about; the next one goes on with the others. */
const maxPerRound = 10_000;
/** Of those who are shown as offline each round asks about one in so many: a ghost is worse than somebody who is not seen. */
const offlineShare = 4;
/** How long after a disruption it is asked what was missed, in milliseconds: others have missed something, too. */
const afterDisruptionMs = 2_000;

/**
 * What the sockets here believe of those whom they look at, compared now and then with what is true: a change that was lost,
 * by the bus or with the store, leaves nobody shown as online who is gone.
 */
@Injectable()
export class PresenceMirror
  extends EventEmitter<{ differs: [KnownPresence] }>
  implements OnApplicationBootstrap, OnApplicationShutdown
{
  private readonly log = new Logger(PresenceMirror.name);
  private readonly shown = new Map<UserId, PresenceStatus>();
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private rest: UserId[] = [];
  private rounds = 0;
  /** Was something lost, as far as is known? Then the next round asks about everybody. */
  private isDisrupted = false;

  constructor(
    private readonly rpc: RpcClient,
    private readonly events: EventBus,
    private readonly audience: PresenceAudience,
    private readonly watches: PresenceWatches,
    @Inject(PresenceConfig.token) private readonly config: PresenceConfig,
  ) {
    super();
  }

  onApplicationBootstrap(): void {
    this.events.onDisruption(() => {
      this.isDisrupted = true;
      this.plan(afterDisruptionMs);
    });
    this.plan(this.config.leaseMs);
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** The sockets here were told so. */
  note(userId: UserId, status: PresenceStatus): void {
    if (this.shown.has(userId) || this.isLookedAt(userId)) this.shown.set(userId, status);
  }

  /** What the sockets here that may see the user were told last; undefined where nothing is known of that. */
  shownOf(userId: UserId): PresenceStatus | undefined {
    return this.shown.get(userId);
  }

  private plan(afterMs: number): void {
    if (this.isStopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.compare(), afterMs).unref();
  }

  /** Never rejects. */
  private async compare(): Promise<void> {
    try {
      if (this.rest.length === 0 || this.isDisrupted) this.rest = this.toAsk();
      const round = this.rest.splice(0, maxPerRound);
      for (let start = 0; start < round.length && !this.isStopped; start += batchSize) {
        await this.comparePart(round.slice(start, start + batchSize));
      }
    } catch (error) {
      this.log.debug(`could not compare presence, trying again: ${String(error)}`);
    }
    this.plan(this.config.leaseMs);
  }

  /** Of those who are looked at here. Who is looked at no more is forgotten. */
  private toAsk(): UserId[] {
    for (const userId of this.shown.keys()) if (!this.isLookedAt(userId)) this.shown.delete(userId);
    const lookedAt = [...new Set([...this.audience.users(), ...this.watches.users()])];
    const turn = this.rounds++ % offlineShare;
    const asksAll = this.isDisrupted;
    this.isDisrupted = false;
    return lookedAt.filter(
      (userId, index) => asksAll || this.shown.get(userId) !== 'offline' || index % offlineShare === turn,
    );
  }

  private isLookedAt(userId: UserId): boolean {
    return this.audience.hasLookers(userId) || this.watches.isWatched(userId);
  }

  private async comparePart(userIds: UserId[]): Promise<void> {
    const before = new Map(userIds.map((userId) => [userId, this.shown.get(userId)]));
    const { statuses, isComplete } = await this.rpc.call(ReadStatuses, { userIds });
    // Who is left out was only not reported again yet.
    if (!isComplete) return;
    const known = new Map(statuses.map((each) => [each.userId, each]));
    for (const [userId, shown] of before) {
      // It was told something else meanwhile, which is newer.
      if (this.shown.get(userId) !== shown) continue;
      const now = known.get(userId) ?? { userId, status: 'offline', lastSeen: null };
      // Of whom nothing was told yet, the sockets know what they have asked.
      if (shown === undefined) this.note(userId, now.status);
      else if (shown !== now.status) this.emit('differs', now);
    }
  }
}
