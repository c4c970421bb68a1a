import type { RequestOf, TokenProfile, UpdateProfile, UpsertUsers, UserId } from '@parley/contracts';
import { Database, sqlState, type Transaction } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import type { UserRow } from './user.mapper';
import { demandAdmin, demandDistinct, isOutdated, planChanges, presentableProfile, tellsNews } from './user.policy';
import { isUsernameTaken, UserRepository } from './user.repository';

type UserEntry = RequestOf<typeof UpsertUsers>['users'][number];

/** A username that somebody takes between the look and the write is looked for again; so often at most. */
const maxLooks = 3;

const deadlockDetected = '40P01';

/** Who the users are: by their tokens, by their own word, by the word of a product's server. */
@Injectable()
export class UserService {
  constructor(
    private readonly database: Database,
    private readonly repository: UserRepository,
  ) {}

  /**
   * The user whose token tells this profile; writes only where there is none, or where something differs that nobody chose
   * by hand. What the token does not speak of stays, and what a token told that was issued later: several may be in use at
   * once, and they must not rewrite each other's words with each request.
   *
   * @param issuedAt of the token, in seconds since 1970; one that does not say is believed.
   *
   * A username of somebody else is left out: whoever had it first keeps it, and nobody is kept out for a name.
   */
  async ensure(id: UserId, told: TokenProfile, issuedAt?: number): Promise<UserRow> {
    const profile = presentableProfile(told);
    const present = await this.repository.find(id);
    if (present && (isOutdated(present, issuedAt) || !tellsNews(present, profile))) return present;
    for (let look = 1; look <= maxLooks; look++) {
      const { username } = profile;
      const isTaken = username !== null && (await this.repository.isUsernameOfOther(id, username));
      const fitting = isTaken ? { ...profile, username: null } : profile;
      if (present && !tellsNews(present, fitting)) return present;
      try {
        return await this.repository.refresh(id, fitting, issuedAt);
      } catch (error) {
        if (!isUsernameTaken(error)) throw error;
      }
    }
    return this.repository.refresh(id, { ...profile, username: null }, issuedAt);
  }

  /** @throws AppError `user_not_found`, `username_taken`. */
  async update({ userId, changes }: RequestOf<typeof UpdateProfile>): Promise<UserRow> {
    try {
      const row = await this.repository.update(userId, planChanges(changes));
      if (row === undefined) throw new AppError('user_not_found');
      return row;
    } catch (error) {
      throw isUsernameTaken(error) ? usernameTaken('username', error) : error;
    }
  }

  /**
   * All of the users or, when it throws, none. In the order in which they are named.
   *
   * @throws AppError `admin_only`, `validation_failed`, `username_taken`.
   */
  async upsert({ actorRole, users }: RequestOf<typeof UpsertUsers>): Promise<{ users: UserRow[]; created: number }> {
    demandAdmin(actorRole);
    demandDistinct(users);
    // By id, so that those who write the same users wait for each other and not crosswise.
    const inOrder = [...users.entries()].sort(([, a], [, b]) => (a.id < b.id ? -1 : 1));
    const rows: UserRow[] = [];
    let created = 0;
    try {
      await this.database.transaction(async (tx) => {
        for (const [index, user] of inOrder) {
          const row = await this.upsertOne(tx, user, index);
          rows[index] = row;
          if (row.is_new) created++;
        }
      });
    } catch (error) {
      // Two who hand usernames round: the next try finds what the other one left.
      throw sqlState(error) === deadlockDetected ? new AppError('service_unavailable', { cause: error }) : error;
    }
    return { users: rows, created };
  }

  private async upsertOne(tx: Transaction, { id, ...profile }: UserEntry, index: number) {
    try {
      return await this.repository.upsert(tx, id, planChanges(profile));
    } catch (error) {
      throw isUsernameTaken(error) ? usernameTaken(`users.${index}.username`, error) : error;
    }
  }
}

function usernameTaken(path: string, cause: unknown): AppError {
  return new AppError('username_taken', { issues: [{ path, message: 'belongs to another user' }], cause });
}
