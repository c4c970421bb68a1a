import { Injectable } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import { EnsureUser, type OwnUserView, ReadAccess, type UserAccess, type UserId, userToken } from '@parley/contracts';
import { LRUCache } from 'lru-cache';
import { demandAccess } from './access.policy';
import type { UserSession } from './user.session';

const maxUsers = 20_000;

/** How long a profile that was changed elsewhere may look old here, in milliseconds. */
const maxProfileAgeMs = 300_000;

/**
 * How old what is known here of a user's access may be, in milliseconds.
 *
 * A ban is heard as an event, at once, and after a disruption all is asked anew: this bounds only what an event does that
 * is lost without anybody noticing. It costs a user who calls all the time one small call in as many seconds.
 */
export const maxAccessAgeMs = 15_000;

const unrestricted: UserAccess = { isBanned: false, revokedAt: null };

/**
 * Makes sure that those who show a token have a profile, and may come in: the first request creates it, later ones refresh
 * it. What is known is kept in memory, so that a request costs no call.
 */
@Injectable()
export class UserDirectory {
  /** By user and what the token tells of them: a new token with a new name is told to the service again. */
  private readonly users = new LRUCache<string, Promise<OwnUserView>>({ max: maxUsers, ttl: maxProfileAgeMs });
  /** By user, whatever the token: a ban is of all of them. */
  private readonly access = new LRUCache<UserId, Promise<UserAccess>>({
    max: maxUsers,
    ttl: maxAccessAgeMs,
    dispose: (_access, userId, reason) => {
      if (reason !== 'set') this.tokens.delete(userToken(userId));
    },
  });
  /** The subject tokens of the users whose access is known: by them events are dropped unparsed. */
  private readonly tokens = new Set<string>();

  constructor(private readonly rpc: RpcClient) {}

  /**
   * The user's profile, from memory where this token's profile was told before. Concurrent first requests share one.
   *
   * @throws AppError `user_banned`, `invalid_token` where the token was revoked, `service_unavailable`.
   */
  ensure(session: UserSession, requestId?: string): Promise<OwnUserView> {
    return this.judge(session, this.users.get(keyOf(session)) ?? this.read(session, requestId), requestId);
  }

  /** As `ensure`, but by what is true now: for what is asked once and then holds for long. */
  admit(session: UserSession, requestId?: string): Promise<OwnUserView> {
    return this.judge(session, this.read(session, requestId), requestId);
  }

  /** The user's profile as it is now, whether the user may come in or not. @throws AppError `service_unavailable`. */
  read(session: UserSession, requestId?: string): Promise<OwnUserView> {
    const { userId, profile } = session;
    const answer = this.rpc.call(EnsureUser, { userId, profile, ...ageOf(session) }, optionsOf(requestId));
    void this.rememberAccess(
      userId,
      answer.then(({ access }) => access),
    );
    return keep(
      this.users,
      keyOf(session),
      answer.then(({ user }) => user),
    );
  }

  /** The user has changed the profile: that is what it is from now on. */
  changed(session: UserSession, user: OwnUserView): void {
    this.users.set(keyOf(session), Promise.resolve(user));
  }

  /** Those of the users, 500 at most, who may not come in with every token, as it is now. */
  async listRestricted(userIds: readonly UserId[], requestId?: string): Promise<ReadonlyMap<UserId, UserAccess>> {
    const request = { userIds: [...userIds] };
    const { restricted } = await this.rpc.call(ReadAccess, request, optionsOf(requestId));
    return new Map(restricted.map(({ userId, ...access }) => [userId, access]));
  }

  /** Is something known of this user, by the token of subjects, that may have changed? */
  knows(token: string): boolean {
    return this.tokens.has(token);
  }

  /** The user's access has changed: whoever asks from here on hears the new one. */
  forget(userId: UserId): void {
    this.access.delete(userId);
  }

  /** Anybody's access may have changed. */
  forgetAll(): void {
    this.access.clear();
  }

  private async judge(session: UserSession, user: Promise<OwnUserView>, requestId?: string): Promise<OwnUserView> {
    const { userId } = session;
    demandAccess(session, await (this.access.get(userId) ?? this.readAccess(userId, requestId)));
    return user;
  }

  private readAccess(userId: UserId, requestId?: string): Promise<UserAccess> {
    const answer = this.listRestricted([userId], requestId);
    return this.rememberAccess(
      userId,
      answer.then((restricted) => restricted.get(userId) ?? unrestricted),
    );
  }

  private rememberAccess(userId: UserId, access: Promise<UserAccess>): Promise<UserAccess> {
    this.tokens.add(userToken(userId));
    return keep(this.access, userId, access);
  }
}

/** Keeps what is asked for, from now on, so that it is asked once; what could not be had is asked for again. */
function keep<Key extends string, Value>(
  cache: LRUCache<Key, Promise<Value>>,
  key: Key,
  value: Promise<Value>,
): Promise<Value> {
  cache.set(key, value);
  value.catch(() => {
    if (cache.peek(key) === value) cache.delete(key);
  });
  return value;
}

const optionsOf = (requestId: string | undefined) => (requestId === undefined ? {} : { requestId });

/** A token from the future, by this clock, is one of now. */
function ageOf({ issuedAt }: UserSession): { readonly issuedAt?: number } {
  return issuedAt > 0 ? { issuedAt: Math.min(issuedAt, Math.floor(Date.now() / 1_000)) } : {};
}

function keyOf({ userId, profile }: UserSession): string {
  return JSON.stringify([
    userId,
    profile.email,
    profile.username,
    profile.displayName,
    profile.avatarUrl,
    profile.role,
  ]);
}
