import { ConfigModule, DatabaseConfig } from '@parley/config';
import { Test } from '@nestjs/testing';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { Database } from './database';
import { DatabaseModule } from './database.module';
import { PrismaService } from './prisma/prisma.service';

let server: TestDatabase;
beforeAll(async () => {
  server = await testDatabase();
});
afterAll(() => server.drop());

const start = async (url: string) => {
  const config = ConfigModule.forRoot([DatabaseConfig], { DATABASE_URL: url, DATABASE_POOL_MAX: '2' });
  return Test.createTestingModule({ imports: [config, DatabaseModule.forRoot()] }).compile();
};

it('gives both ways to the database on one pool, and closes it with the application', async () => {
  const app = await start(server.url);
  const database = app.get(Database);
  const [mine] = await database.query<{ pid: number }>('', 'SELECT pg_backend_pid() AS pid');
  expect(await app.get(PrismaService).$queryRaw`SELECT pg_backend_pid() AS pid`).toEqual([mine]);
  await app.close();
  expect(await database.isUp()).toBe(false);
});

it('starts and stops without PostgreSQL', async () => {
  const app = await start('postgresql://nobody@127.0.0.1:1/none');
  await app.init();
  expect(await app.get(Database).isUp()).toBe(false);
  await app.close();
});
