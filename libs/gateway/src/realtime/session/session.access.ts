import { type UserId, userToken } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { refusalOf } from '../../auth/access.policy';
import { maxAccessAgeMs, UserDirectory } from '../../auth/user.directory';
import { closeCodeOf } from '../transport/connection/close.code';
import { closeSocket } from '../transport/connection/close.socket';
import { SessionRegistry } from './session.registry';

/** Users whose access is asked for in one call. */
const usersPerCall = 500;
/** How long until users are asked for again whose access could not be had, in milliseconds. */
const retryMs = 1_000;

/**
 * Sends away the sockets of users who may not be here any more: of the banned all, of those with revoked tokens the ones
 * that hold such a token.
 *
 * Events and disruptions say when to look; what is true the service says, because events may come late and in any order.
 * Besides all users here are looked at now and then, for an event that was lost without a trace: one small call for many.
 */
@Injectable()
export class SessionAccess implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(SessionAccess.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sessions: SessionRegistry,
    private readonly users: UserDirectory,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.judgeAll().catch((error: unknown) => this.log.debug(`could not ask for access: ${String(error)}`));
    }, maxAccessAgeMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Does this gateway hold anything that a change of this user's access ends? By the user's token in subjects. */
  concerns(token: string): boolean {
    return this.sessions.hasUser(token) || this.users.knows(token);
  }

  /** A user's access has changed. Never throws: it is tried again for as long as the user has sockets here. */
  changed(userId: UserId): void {
    this.users.forget(userId);
    this.judge([userId]).catch((error: unknown) => {
      this.log.warn(`could not ask for a user's access, trying again: ${String(error)}`);
      setTimeout(() => this.changed(userId), retryMs).unref();
    });
  }

  /** Anybody's access may have changed without notice. @throws AppError `service_unavailable`. */
  async compare(): Promise<void> {
    this.users.forgetAll();
    await this.judgeAll();
  }

  private async judgeAll(): Promise<void> {
    const userIds = this.sessions.users();
    for (let start = 0; start < userIds.length; start += usersPerCall) {
      await this.judge(userIds.slice(start, start + usersPerCall));
    }
  }

  private async judge(userIds: readonly UserId[]): Promise<void> {
    const present = userIds.filter((userId) => this.sessions.hasUser(userToken(userId)));
    if (present.length === 0) return;
    for (const [userId, access] of await this.users.listRestricted(present)) {
      for (const { socket } of [...this.sessions.of(userId)]) {
        const refusal = refusalOf(socket.data.session, access);
        if (refusal !== undefined) closeSocket(socket, closeCodeOf(new AppError(refusal)), refusal);
      }
    }
  }
}
