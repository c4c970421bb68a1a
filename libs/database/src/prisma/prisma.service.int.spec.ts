import { testDatabase, type TestDatabase } from '@parley/testing';
import { ConnectionPool } from '../connection/connection.pool';
import { PrismaService } from './prisma.service';

const limits = { poolMax: 2, statementTimeoutMs: 5_000, lockTimeoutMs: 100, preparedStatements: true };
let server: TestDatabase;
let pool: ConnectionPool;
let prisma: PrismaService;

beforeAll(async () => {
  server = await testDatabase();
  pool = new ConnectionPool({ ...limits, url: server.url });
  prisma = PrismaService.on(pool);
});
afterAll(async () => {
  await prisma.$disconnect();
  await pool.close();
  await server.drop();
});

it('reads the times that it wrote, whatever zone the server prefers', async () => {
  await server.query(
    `ALTER ROLE CURRENT_USER IN DATABASE ${new URL(server.url).pathname.slice(1)} SET timezone = 'Asia/Tokyo'`,
  );
  const createdAt = new Date('2026-01-20T10:00:00.123Z');
  await prisma.user.create({ data: { id: 'ann', displayName: 'Ann', createdAt } });
  expect(await prisma.user.findUnique({ where: { id: 'ann' } })).toMatchObject({ createdAt });
  expect(
    await server.query("SELECT created_at AT TIME ZONE 'UTC' = '2026-01-20 10:00:00.123' AS same FROM users"),
  ).toEqual([{ same: true }]);
});

it('passes errors about data unchanged', async () => {
  const data = { id: 'bob', displayName: 'Bob' };
  await prisma.user.create({ data });
  await expect(prisma.user.create({ data })).rejects.toMatchObject({ code: 'P2002' });
});

it('is unavailable where nobody listens', async () => {
  const nowhere = new ConnectionPool({ ...limits, url: 'postgresql://nobody@127.0.0.1:1/none' });
  await expect(PrismaService.on(nowhere).user.findMany()).rejects.toMatchObject({ code: 'service_unavailable' });
  await nowhere.close();
});

it('is unavailable when a lock is not to be had', async () => {
  const holder = new ConnectionPool({ ...limits, url: server.url });
  await holder.use(async (connection) => {
    await connection.command('BEGIN');
    await connection.command('LOCK TABLE users');
    await expect(prisma.user.findMany()).rejects.toMatchObject({ code: 'service_unavailable' });
    await connection.rollback();
  });
  await holder.close();
});

it('is unavailable when its connection is closed under it', async () => {
  const sleeping = prisma.$queryRaw`SELECT pg_sleep(30)`;
  const outcome = expect(sleeping).rejects.toMatchObject({ code: 'service_unavailable' });
  await endStatements('%pg_sleep(30)%');
  await outcome;
});

/** Ends the backends that run such a statement, as soon as there is one. */
async function endStatements(like: string): Promise<void> {
  for (let ended = 0; ended === 0;) {
    const rows = await server.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid() AND datname = current_database()`,
      [like],
    );
    ended = rows.length;
  }
}
