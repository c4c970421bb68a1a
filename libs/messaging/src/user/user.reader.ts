import { MessagingConfig } from '@parley/config';
import type { RequestOf, ResponseOf, SearchUsers, UserId, UserProfileView } from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { AppError } from '@parley/errors';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { decodePlace, encodePlace } from '../answer/answer.cursor';
import { toUserProfileView, userColumns, type UserRow } from './user.mapper';
import { UserRepository } from './user.repository';
import { planSearch, type SearchPlan } from './user-search.policy';

/** Users that one search tells of, page by page: nobody copies all of them by asking for one letter. */
const maxFound = 1_000;

/** How many a page ended behind. */
const Place = z.tuple([z.number().int().min(1).max(maxFound)]);

/** The banned are gone for others, and those who block the searcher are not for them to find. */
const mayBeFound = `
  u.banned_at IS NULL AND NOT EXISTS (SELECT FROM blocks b WHERE b.blocker_id = u.id AND b.blocked_id = $2)`;

/**
 * In the order of the prefix index, so that no more is read than is shown, however many a short prefix fits. It is the same
 * for every page: by id where several may share what is looked for.
 */
const searchBy = (column: string, ties: '' | ', u.id', more = 'true') => `
  SELECT ${userColumns}
  FROM users u
  WHERE lower(u.${column}) LIKE lower($1) AND ${mayBeFound} AND ${more}
  ORDER BY lower(u.${column}) USING ~<~${ties}
  LIMIT $3`;

const byUsername = searchBy('username', '');
const byDisplayName = searchBy('display_name', ', u.id');
const byEmail = searchBy(
  'email',
  ', u.id',
  `($4::text IS NULL AND $5::text IS NULL
    OR lower(u.username) LIKE lower($4) OR lower(u.display_name) LIKE lower($5))`,
);

const unknown = `
  SELECT asked.id
  FROM unnest($1::text[]) AS asked (id)
  WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = asked.id OFFSET 0)`;

/** Reads users as others see them. */
@Injectable()
export class UserReader {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    @Inject(MessagingConfig.token) private readonly config: MessagingConfig,
  ) {}

  /** @throws AppError `user_not_found`. */
  async getProfile(userId: UserId): Promise<UserProfileView> {
    const row = await this.users.find(userId);
    if (row === undefined) throw new AppError('user_not_found');
    return toUserProfileView(row);
  }

  /** Those of `ids` that nobody is. */
  async listUnknown(ids: readonly UserId[], queryable: Queryable = this.database): Promise<ReadonlySet<string>> {
    const rows = await queryable.query<{ id: string }>('users_unknown', unknown, [ids]);
    return new Set(rows.map((row) => row.id));
  }

  /**
   * Users by the beginning of what they are called, or of their e-mail address; usernames come first, then display names,
   * both by alphabet. The first thousand.
   *
   * @throws AppError `validation_failed` when nothing is asked for, and for a cursor that is none.
   */
  async search(request: RequestOf<typeof SearchUsers>): Promise<ResponseOf<typeof SearchUsers>> {
    const { userId, limit, page, cursor } = request;
    const plan = planSearch(request, this.config.searchableFields);
    const start = cursor === undefined ? (page - 1) * limit : decodePlace(Place, cursor)[0];
    const end = Math.min(start + limit, maxFound);
    const rows = plan && start < end ? await this.find(plan, userId, end + 1) : [];
    const found = [...new Map(rows.map((row) => [row.id, row])).values()];
    const hasMore = found.length > end && end < maxFound;
    const users = found.slice(start, end).map(toUserProfileView);
    return { users, hasMore, nextCursor: hasMore ? encodePlace([end]) : null };
  }

  private async find({ email, username, displayName }: SearchPlan, userId: UserId, limit: number): Promise<UserRow[]> {
    if (email !== null) return this.query(byEmail, [email, userId, limit, username, displayName]);
    const found = await Promise.all([
      username === null ? [] : this.query(byUsername, [username, userId, limit]),
      displayName === null ? [] : this.query(byDisplayName, [displayName, userId, limit]),
    ]);
    return found.flat();
  }

  /** Planned each time: which index serves is known only with the pattern. */
  private query(text: string, values: readonly unknown[]): Promise<UserRow[]> {
    return this.database.query<UserRow>('', text, values);
  }
}
