import type { MessagingConfig } from '@parley/config';
import type { UserId } from '@parley/contracts';
import { Database } from '@parley/database';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { BlockReader } from '../block/block.reader';
import { BlockRepository } from '../block/block.repository';
import { ExplainingDatabase } from '../explaining-database.scene';
import { UserReader } from './user.reader';
import { UserRepository } from './user.repository';
import { UserAccessRepository } from './user-access.repository';

jest.setTimeout(60_000);

let server: TestDatabase;
let database: Database;

/** 20,000 users who are all called a little alike; a few are banned, a few block many. */
beforeAll(async () => {
  server = await testDatabase();
  database = Database.connect({ url: server.url, statementTimeoutMs: 60_000 });
  await server.query(
    `INSERT INTO users (id, display_name, username, email, banned_at)
     SELECT 'u' || i, 'User ' || i, 'name' || i, 'mail' || i || '@example.com', CASE WHEN i % 50 = 0 THEN now() END
     FROM generate_series(1, 20000) i`,
  );
  await server.query(
    `INSERT INTO users (id, display_name, email) SELECT 'same' || i, 'Namesake', 'same@example.com' FROM generate_series(1, 5000) i`,
  );
  await server.query(
    `INSERT INTO blocks (blocker_id, blocked_id)
     SELECT 'u' || b, 'u' || (1000 + i) FROM generate_series(1, 10) b, generate_series(1, 2000) i`,
  );
  await server.query('ANALYZE');
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

const user = 'u1007' as UserId;
const several = Array.from({ length: 100 }, (_, i) => `u${i}` as UserId);
const config = { searchableFields: ['email', 'username', 'display_name'] } as unknown as MessagingConfig;
const readerOf = (db: Database) => new UserReader(db, new UserRepository(db), config);
const searching = { userId: user, limit: 50, page: 1 };

const searches: readonly (readonly [string, (db: Database) => Promise<unknown>])[] = [
  ['the beginning of a name that many have', (db) => readerOf(db).search({ ...searching, q: 'n' })],
  ['the end of what is told of such a name', (db) => readerOf(db).search({ ...searching, q: 'n', page: 20 })],
  ['a whole name', (db) => readerOf(db).search({ ...searching, q: 'name19999' })],
  ['the beginning of an e-mail address', (db) => readerOf(db).search({ ...searching, email: 'mail1' })],
  ['a name that many share', (db) => readerOf(db).search({ ...searching, q: 'namesake' })],
  ['an e-mail address that many share', (db) => readerOf(db).search({ ...searching, email: 'same@' })],
  ['an e-mail address and a name', (db) => readerOf(db).search({ ...searching, email: 'mail1', q: 'user' })],
];

it.each<readonly [string, (db: Database) => Promise<unknown>]>([
  ...searches,
  ['users whom nobody is', (db) => readerOf(db).listUnknown([user, 'ghost' as UserId])],
  ['a user', (db) => new UserRepository(db).find(user)],
  ['the owner of a username', (db) => new UserRepository(db).isUsernameOfOther(user, 'Name77')],
  ['whom somebody blocks', (db) => new BlockReader(db).list({ userId: 'u3' as UserId, limit: 50, page: 1 })],
  ['a block', (db) => new BlockRepository().set(db, user, 'u9' as UserId, true)],
  ['the end of a block', (db) => new BlockRepository().set(db, user, 'u9' as UserId, false)],
  ['a ban', (db) => new UserAccessRepository(db).change(db, user, 'ban')],
  ['who may not come in', (db) => new UserAccessRepository(db).listRestricted(several)],
])('looking for %s reads no table from end to end', async (_what, run) => {
  const explaining = new ExplainingDatabase(database);
  await run(explaining as unknown as Database);
  expect([...explaining.scanned]).toEqual([]);
});

it.each(searches)('looking for %s sorts nothing: it stops when it has enough', async (_what, run) => {
  const explaining = new ExplainingDatabase(database);
  await run(explaining as unknown as Database);
  expect([...explaining.steps].filter((step) => step.includes('Sort'))).toEqual([]);
});
