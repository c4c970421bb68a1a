import { Database } from '@parley/database';
import { emptyTestDatabase, testDatabase } from './test.database';

it('gives each asker a database of its own, at the latest schema', async () => {
  const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
  await one.query("INSERT INTO users (id, display_name) VALUES ('ann', 'Ann')");
  expect(await one.query('SELECT id FROM users')).toEqual([{ id: 'ann' }]);
  expect(await other.query('SELECT id FROM users')).toEqual([]);
  await Promise.all([one.drop(), other.drop()]);
});

it('gives an empty one to who wants to make the schema', async () => {
  const empty = await emptyTestDatabase();
  expect(await empty.query("SELECT FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
  await empty.drop();
});

it('removes it though somebody is still connected', async () => {
  const { url, query, drop } = await testDatabase();
  await query('SELECT 1');
  const guest = Database.connect({ url, poolMax: 1 });
  await guest.query('', 'SELECT 1');
  await drop();
  expect(await guest.isUp()).toBe(false);
  await guest.close();
});
