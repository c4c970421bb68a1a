import { type ListBlocked, type RequestOf, type ResponseOf, UserId } from '@parley/contracts';
import { Database } from '@parley/database';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { decodePlace, encodePlace } from '../answer/answer.cursor';
import { toUserProfileView, userColumns, type UserRow } from '../user/user.mapper';

const Place = z.tuple([UserId]);

const list = `
  SELECT ${userColumns}
  FROM blocks b
  JOIN users u ON u.id = b.blocked_id
  WHERE b.blocker_id = $1 AND ($2::text IS NULL OR b.blocked_id > $2)
  ORDER BY b.blocked_id
  LIMIT $3 OFFSET $4`;

/** Reads whom users block. */
@Injectable()
export class BlockReader {
  constructor(private readonly database: Database) {}

  /** By user id. @throws AppError `validation_failed` for a cursor that is none. */
  async list(request: RequestOf<typeof ListBlocked>): Promise<ResponseOf<typeof ListBlocked>> {
    const { userId, limit, page, cursor } = request;
    const after = cursor === undefined ? null : decodePlace(Place, cursor)[0];
    const offset = after === null ? (page - 1) * limit : 0;
    const rows = await this.database.query<UserRow>('blocked', list, [userId, after, limit + 1, offset]);
    const users = rows.slice(0, limit).map(toUserProfileView);
    const last = users.at(-1);
    const hasMore = rows.length > limit;
    return { users, hasMore, nextCursor: hasMore && last ? encodePlace([last.id]) : null };
  }
}
