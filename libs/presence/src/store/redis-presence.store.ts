import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { RedisConfig } from '@parley/config';
import type { PresenceStatus } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Redis } from 'ioredis';
import { chooseScript, readScript, reportScript, savedScript, settleScript, sweepScript } from './presence.lua';
import {
  type Announcement,
  type Known,
  PresenceStore,
  type PresenceTimes,
  type Report,
  type Reported,
  type Seen,
} from './presence.store';
import { type Presentity, userOf } from './presentity';

/** How long Redis may take to answer, in milliseconds. */
const commandTimeoutMs = 1_000;
const maxReconnectDelayMs = 2_000;
/** How long what only tries out Redis is kept, in milliseconds. */
const echoKeptMs = 10_000;

const scripts = {
  report: reportScript,
  choose: chooseScript,
  sweep: sweepScript,
  settle: settleScript,
  read: readScript,
  saved: savedScript,
};

type ScriptName = keyof typeof scripts;
/** As Lua gives one: presentity, status, chosen or empty, last seen or empty, claim. */
type ChangeReply = readonly [Presentity, PresenceStatus, PresenceStatus | '', string | number, number];

/** The store that several presence processes share. All times are Redis' own: the processes' clocks do not matter. */
export class RedisPresenceStore extends PresenceStore {
  private readonly log = new Logger(RedisPresenceStore.name);
  private readonly redis: Redis;
  /** In one slot of a Redis Cluster, because the scripts touch several keys. */
  private readonly prefix: string;
  private readonly times: readonly number[];

  constructor(config: Pick<RedisConfig, 'url' | 'keyPrefix'>, { leaseMs, graceMs, holdMs, claimMs }: PresenceTimes) {
    super();
    this.prefix = `${config.keyPrefix}:{presence}`;
    this.times = [leaseMs, graceMs, holdMs, claimMs];
    this.redis = new Redis(config.url, {
      retryStrategy: (attempt) => Math.min(attempt * 100, maxReconnectDelayMs),
      disconnectTimeout: 200,
      // Presence that is late is wrong: whoever asks is told at once that it is unknown.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: commandTimeoutMs,
    });
    for (const [name, lua] of Object.entries(scripts)) this.redis.defineCommand(name, { lua, numberOfKeys: 1 });
    this.reportOutages();
  }

  override async report({ gatewayId, present, gone, active }: Report): Promise<Reported> {
    if (present.length + gone.length + active.length === 0) return { announcements: [], chosen: [] };
    const counts = [present.length, gone.length, active.length];
    const granted = present.flatMap(([presentity, chosen]) => [presentity, chosen ?? '']);
    const reply = await this.run('report', gatewayId, ...counts, ...granted, ...gone, ...active);
    const [changes, others] = reply as [unknown, [Presentity, PresenceStatus | ''][]];
    return {
      announcements: toAnnouncements(changes),
      chosen: others.map(([presentity, chosen]) => [presentity, chosen === '' ? null : chosen]),
    };
  }

  override async choose(presentity: Presentity, status: PresenceStatus) {
    const reply = await this.run('choose', presentity, status);
    const [seen, last, changes] = reply as [PresenceStatus, string | number, unknown];
    return { status: seen, lastSeenMs: toMs(last), announcements: toAnnouncements(changes) };
  }

  override async sweep(limit: number, spareMs = 0) {
    const [looked, changes] = (await this.run('sweep', limit, spareMs)) as [number, unknown];
    return { looked, announcements: toAnnouncements(changes) };
  }

  override async settle(announcements: readonly Announcement[]): Promise<Announcement[]> {
    if (announcements.length === 0) return [];
    const values = announcements.flatMap(({ presentity, status, claim, lastSeenMs }) => [
      presentity,
      status,
      claim,
      userOf(presentity) === undefined ? '' : (lastSeenMs ?? ''),
    ]);
    return toAnnouncements(await this.run('settle', ...values));
  }

  override async read(presentities: readonly Presentity[], spareMs = 0) {
    const reply = await this.run('read', spareMs, ...presentities);
    const [filledForMs, rows] = reply as [number, [Presentity, PresenceStatus, string][]];
    const known = rows.map(([presentity, status, last]): Known => ({ presentity, status, lastSeenMs: toMs(last) }));
    return { known, filledForMs };
  }

  override async listUnsaved(limit: number): Promise<Seen[]> {
    const reply = await this.attempt(this.redis.zrange(`${this.prefix}:unsaved`, 0, limit - 1, 'WITHSCORES'));
    const seen: Seen[] = [];
    for (let at = 0; at < reply.length; at += 2) seen.push([reply[at] as Presentity, Number(reply[at + 1])]);
    return seen;
  }

  override async markSaved(seen: readonly Seen[]): Promise<void> {
    if (seen.length > 0) await this.run('saved', ...seen.flat());
  }

  override isUp(): boolean {
    return this.redis.status === 'ready';
  }

  override async takesWrites(): Promise<boolean> {
    const [key, text] = [`${this.prefix}:echo`, randomUUID()];
    try {
      // In one, because all presence processes write it.
      return (await this.redis.multi().set(key, text, 'PX', echoKeptMs).get(key).exec())?.[1]?.[1] === text;
    } catch {
      return false;
    }
  }

  override close(): void {
    this.redis.disconnect();
  }

  private run(script: ScriptName, ...values: readonly (string | number)[]): Promise<unknown> {
    const commands = this.redis as unknown as Record<ScriptName, (...args: (string | number)[]) => Promise<unknown>>;
    return this.attempt(commands[script](this.prefix, ...this.times, ...values));
  }

  private async attempt<T>(command: Promise<T>): Promise<T> {
    try {
      return await command;
    } catch (cause) {
      throw new AppError('service_unavailable', { cause });
    }
  }

  /** Once per outage, not once per attempt. */
  private reportOutages(): void {
    let isDown = false;
    this.redis.on('error', (error: Error) => {
      if (!isDown) this.log.warn(`Redis is away, presence is unknown: ${error.message}`);
      isDown = true;
    });
    this.redis.on('ready', () => {
      if (isDown) this.log.log('Redis is back');
      isDown = false;
    });
  }
}

function toAnnouncements(reply: unknown): Announcement[] {
  return (reply as ChangeReply[]).map(([presentity, status, chosen, last, claim]) => ({
    presentity,
    status,
    chosen: chosen === '' ? null : chosen,
    lastSeenMs: toMs(last),
    claim,
  }));
}

function toMs(reply: string | number): number | null {
  return reply === '' ? null : Number(reply);
}
