import { Injectable } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import { EnsureUser, type OwnUserView } from '@parley/contracts';
import { LRUCache } from 'lru-cache';
import type { UserSession } from './user.session';

const maxUsers = 20_000;

/** How long a profile that was changed elsewhere may look old here, in milliseconds. */
const maxAgeMs = 300_000;

/** Makes sure that those who show a token have a profile: the first request creates it, later ones refresh it. */
@Injectable()
export class UserDirectory {
  /** By user and what the token tells of them: a new token with a new name is told to the service again. */
  private readonly users = new LRUCache<string, Promise<OwnUserView>>({ max: maxUsers, ttl: maxAgeMs });

  constructor(private readonly rpc: RpcClient) {}

  /**
   * The user's profile, from memory where this token's profile was told before: a request costs no call. Concurrent
   * first requests share one.
   *
   * @throws AppError `service_unavailable`
   */
  ensure(session: UserSession, requestId?: string): Promise<OwnUserView> {
    const key = keyOf(session);
    return this.users.get(key) ?? this.remember(key, this.call(session, requestId));
  }

  /** The user's profile as it is now. */
  read(session: UserSession, requestId?: string): Promise<OwnUserView> {
    return this.remember(keyOf(session), this.call(session, requestId));
  }

  private remember(key: string, user: Promise<OwnUserView>): Promise<OwnUserView> {
    this.users.set(key, user);
    user.catch(() => {
      if (this.users.peek(key) === user) this.users.delete(key);
    });
    return user;
  }

  private async call({ userId, profile }: UserSession, requestId?: string): Promise<OwnUserView> {
    const { user } = await this.rpc.call(EnsureUser, { userId, profile }, requestId === undefined ? {} : { requestId });
    return user;
  }
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
