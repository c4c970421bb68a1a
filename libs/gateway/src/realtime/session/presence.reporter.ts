import { RpcClient } from '@parley/bus';
import { PresenceConfig } from '@parley/config';
import {
  type ConversationId,
  maxReported,
  type PresenceStatus,
  ReportPresence,
  type RequestOf,
  type UserId,
} from '@parley/contracts';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { RequestActivity } from '../../presence/request.activity';

/** What comes and goes in so short a time is one report, in milliseconds. */
const gatherMs = 10;
const maxRetryMs = 1_000;
/** How long those who want to be counted, or to know how they are seen, wait for it, in milliseconds. */
const settleTimeoutMs = 300;

interface LocalUser {
  sockets: number;
  /** What the user wants to be seen as, as far as this gateway has heard; restores it where the store lost it. */
  chosen: PresenceStatus | null;
  /** The presence service has heard of the user from here, and has told what was chosen elsewhere. */
  isSaid: boolean;
}

/** How a user is seen, and what was chosen for it; null where sockets alone decide. */
interface Seen {
  readonly userId: UserId;
  readonly status: PresenceStatus;
  readonly chosen: PresenceStatus | null;
}

interface LocalViewer {
  readonly conversationId: ConversationId;
  readonly userId: UserId;
  sockets: number;
}

type Report = Omit<RequestOf<typeof ReportPresence>, 'gatewayId'>;

/**
 * Tells the presence service whose sockets are here, and who looks at what on them: changes at once, and all of it again
 * and again, which renews the leases and rebuilds what was lost.
 *
 * Reports go out one after another, so that none is overtaken by one that is older.
 */
@Injectable()
export class PresenceReporter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(PresenceReporter.name);
  /** Of this run: what an earlier one of the same machine had said is not believed of this one. */
  private readonly gatewayId = randomUUID();
  private readonly users = new Map<UserId, LocalUser>();
  private readonly viewers = new Map<string, LocalViewer>();
  private readonly unsaidUsers = new Set<UserId>();
  private readonly unsaidViewers = new Map<string, LocalViewer>();
  private active: UserId[] = [];
  private refreshTimer: NodeJS.Timeout | undefined;
  private gathering: NodeJS.Timeout | undefined;
  private saying: Promise<void> = Promise.resolve();
  /** Those who wait for what is being gathered to be said. */
  private waiting: (() => void)[] = [];
  private isFailing = false;
  private isStopped = false;

  constructor(
    private readonly rpc: RpcClient,
    private readonly activity: RequestActivity,
    @Inject(PresenceConfig.token) private readonly config: PresenceConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.refreshTimer = setInterval(() => this.sayAll(), this.config.refreshMs).unref();
  }

  /** The sockets are closed by now: that their users are gone is said while the bus is still there. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.refreshTimer);
    clearTimeout(this.gathering);
    await this.saying;
    await this.say();
  }

  /** A socket of the user is here. */
  came(userId: UserId): void {
    const user = this.users.get(userId);
    if (user) user.sockets++;
    else this.users.set(userId, { sockets: 1, chosen: null, isSaid: false });
    if (!user) this.noteUser(userId);
  }

  went(userId: UserId): void {
    const user = this.users.get(userId);
    if (!user || --user.sockets > 0) return;
    this.users.delete(userId);
    this.noteUser(userId);
  }

  /** A socket of the user looks at the conversation. */
  looked(conversationId: ConversationId, userId: UserId): void {
    const key = keyOf(conversationId, userId);
    const viewer = this.viewers.get(key) ?? { conversationId, userId, sockets: 0 };
    this.viewers.set(key, viewer);
    if (viewer.sockets++ === 0) this.noteViewer(key, viewer);
  }

  lookedAway(conversationId: ConversationId, userId: UserId): void {
    const key = keyOf(conversationId, userId);
    const viewer = this.viewers.get(key);
    if (!viewer || --viewer.sockets > 0) return;
    this.viewers.delete(key);
    this.noteViewer(key, viewer);
  }

  /** How a user is seen was announced. Whose sockets are here is not offline, unless by choice: that is said at once. */
  learn({ userId, status, chosen }: Seen): void {
    const user = this.users.get(userId);
    if (!user) return;
    if (status === 'offline' && chosen === null) return this.noteUser(userId);
    this.choose(userId, user, chosen);
  }

  /**
   * How a user with a socket here is seen: not offline, unless by choice. What was chosen elsewhere comes with the answer to
   * the report that tells of the socket, which is waited for, 300 ms at most. Never rejects.
   */
  async statusOf(userId: UserId): Promise<PresenceStatus> {
    if (this.users.get(userId)?.isSaid === false && !this.isFailing) await withinBound(this.whenSaid());
    return this.users.get(userId)?.chosen ?? 'online';
  }

  hasUser(userId: UserId): boolean {
    return this.users.has(userId);
  }

  /** Resolves when all that has come so far was said, or after 300 ms. */
  async said(): Promise<void> {
    if (this.gathering === undefined && this.unsaidUsers.size === 0) return;
    this.sayNow();
    await withinBound(this.saying);
  }

  /** What users have chosen elsewhere, before they came here or without this gateway hearing of it, as a report was answered. */
  private correct({ present }: Report, chosen: readonly (readonly [UserId, PresenceStatus | null])[]): void {
    for (const [userId] of present) {
      const user = this.users.get(userId);
      if (user) user.isSaid = true;
    }
    if (chosen.length === 0) return;
    const said = new Map(present);
    for (const [userId, status] of chosen) {
      const user = this.users.get(userId);
      // What was heard since is newer.
      if (user && user.chosen === said.get(userId)) this.choose(userId, user, status);
    }
  }

  private choose(userId: UserId, user: LocalUser, chosen: PresenceStatus | null): void {
    const wasHidden = isHidden(user);
    user.chosen = chosen;
    if (isHidden(user) === wasHidden) return;
    for (const [key, viewer] of this.viewers) if (viewer.userId === userId) this.noteViewer(key, viewer);
  }

  private sayAll(): void {
    for (const userId of this.users.keys()) this.unsaidUsers.add(userId);
    for (const [key, viewer] of this.viewers) this.unsaidViewers.set(key, viewer);
    // Of those with sockets here the leases are renewed anyway.
    this.active = this.activity.take().filter((userId) => !this.users.has(userId));
    this.saySoon(0);
  }

  private noteUser(userId: UserId): void {
    this.unsaidUsers.add(userId);
    this.saySoon(gatherMs);
  }

  private noteViewer(key: string, viewer: LocalViewer): void {
    this.unsaidViewers.set(key, viewer);
    this.saySoon(gatherMs);
  }

  private saySoon(afterMs: number): void {
    if (this.isStopped) return;
    this.gathering ??= setTimeout(() => this.sayNow(), afterMs).unref();
  }

  private sayNow(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    const waiting = this.waiting.splice(0);
    this.saying = this.saying
      .then(() => this.say())
      .then(() => {
        for (const resolve of waiting) resolve();
      });
  }

  /** Resolves when what has come so far was said, without hurrying it. */
  private whenSaid(): Promise<void> {
    if (this.gathering === undefined) return this.saying;
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Never rejects: what could not be said is said later. */
  private async say(): Promise<void> {
    const users = [...this.unsaidUsers];
    const viewers = [...this.unsaidViewers.values()];
    const active = this.active;
    this.unsaidUsers.clear();
    this.unsaidViewers.clear();
    this.active = [];
    try {
      for (const report of this.reportsOf(users, viewers, active)) {
        const { chosen } = await this.rpc.call(ReportPresence, { gatewayId: this.gatewayId, ...report });
        this.correct(report, chosen);
      }
      this.isFailing = false;
    } catch (error) {
      for (const userId of users) this.unsaidUsers.add(userId);
      for (const viewer of viewers) this.unsaidViewers.set(keyOf(viewer.conversationId, viewer.userId), viewer);
      // Once per outage, not once per report.
      if (!this.isFailing) this.log.warn(`could not report who is here, trying again: ${String(error)}`);
      this.isFailing = true;
      this.saySoon(Math.min(maxRetryMs, this.config.refreshMs));
    }
  }

  /** As things are when it is said, whatever has happened since it was noted. */
  private *reportsOf(
    users: readonly UserId[],
    viewers: readonly LocalViewer[],
    active: readonly UserId[],
  ): Iterable<Report> {
    const count = Math.ceil(Math.max(users.length, viewers.length, active.length) / maxReported);
    for (let part = 0; part < count; part++) {
      const [from, to] = [part * maxReported, (part + 1) * maxReported];
      const report: Report = { present: [], gone: [], viewing: [], left: [], active: active.slice(from, to) };
      for (const userId of users.slice(from, to)) {
        const user = this.users.get(userId);
        if (user) report.present.push([userId, user.chosen]);
        else report.gone.push(userId);
      }
      for (const { conversationId, userId } of viewers.slice(from, to)) {
        // Who is hidden looks unseen.
        const isViewing = this.viewers.has(keyOf(conversationId, userId)) && !isHidden(this.users.get(userId));
        (isViewing ? report.viewing : report.left).push([conversationId, userId]);
      }
      yield report;
    }
  }
}

async function withinBound(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, settleTimeoutMs)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}

function isHidden(user: LocalUser | undefined): boolean {
  return user?.chosen === 'offline';
}

function keyOf(conversationId: ConversationId, userId: UserId): string {
  return `${conversationId} ${userId}`;
}
