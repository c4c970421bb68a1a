import { AppError } from '@parley/errors';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { sqlState } from './connection/failure';
import { Database } from './database';

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await testDatabase();
  await server.query('CREATE TABLE notes (id int8 PRIMARY KEY, text text)');
});
beforeEach(() => {
  database = Database.connect({ url: server.url });
});
afterEach(() => database.close());
afterAll(() => server.drop());

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('it did not reject');
    },
    (error: unknown) => error,
  );

const backendOf = async (queryable: Pick<Database, 'query'>): Promise<number> => {
  const [row] = await queryable.query<{ pid: number }>('', 'SELECT pg_backend_pid() AS pid');
  return row?.pid ?? 0;
};

const kill = (pid: number): Promise<unknown> => server.query('SELECT pg_terminate_backend($1, 5000)', [pid]);

describe('values', () => {
  it('gives int8 as text, json parsed and times as clients see them', async () => {
    const [row] = await database.query(
      '',
      `SELECT 9223372036854775807::int8 AS id, ARRAY[1::int8] AS ids, '{"a":1}'::jsonb AS json,
              '2026-01-20 12:00:00.1+02'::timestamptz AS at, 'infinity'::timestamptz AS never, NULL::timestamptz AS none`,
    );
    expect(row).toEqual({
      id: '9223372036854775807',
      ids: ['1'],
      json: { a: 1 },
      at: '2026-01-20T10:00:00.100Z',
      never: 'infinity',
      none: null,
    });
  });

  it('keeps the options that the address brings', async () => {
    const other = Database.connect({ url: `${server.url}?options=-c%20work_mem%3D5MB`, lockTimeoutMs: 1_234 });
    const setting = (name: string) => other.query('', 'SELECT current_setting($1) AS value', [name]);
    expect(await setting('work_mem')).toEqual([{ value: '5MB' }]);
    expect(await setting('lock_timeout')).toEqual([{ value: '1234ms' }]);
    await other.close();
  });
});

describe('prepared statements', () => {
  const prepared = (of: Database) => of.query('', "SELECT name FROM pg_prepared_statements WHERE name = 'one'");

  it('keeps the plan of a statement that has a name', async () => {
    const single = Database.connect({ url: server.url, poolMax: 1 });
    await single.query('one', 'SELECT $1::int AS one', [1]);
    expect(await prepared(single)).toHaveLength(1);
    await single.close();
  });

  it('leaves nothing on the connection where they are switched off', async () => {
    const single = Database.connect({ url: server.url, poolMax: 1, preparedStatements: false });
    await single.query('one', 'SELECT $1::int AS one', [1]);
    expect(await prepared(single)).toEqual([]);
    await single.close();
  });
});

describe('a transaction', () => {
  const notes = () => server.query('SELECT text FROM notes ORDER BY id');
  afterEach(() => server.query('DELETE FROM notes'));

  it('commits what its work wrote, and gives its result', async () => {
    const result = await database.transaction(async (tx) => {
      await tx.query('', "INSERT INTO notes VALUES (1, 'kept')");
      return 'done';
    });
    expect(result).toBe('done');
    expect(await notes()).toEqual([{ text: 'kept' }]);
  });

  it('undoes everything when its work rejects, and passes the error', async () => {
    const failure = new Error('no');
    const work = database.transaction(async (tx) => {
      await tx.query('', "INSERT INTO notes VALUES (1, 'lost')");
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await notes()).toEqual([]);
  });

  it('says so when PostgreSQL rolled back because its work kept an error to itself', async () => {
    const work = database.transaction(async (tx) => {
      await tx.query('', "INSERT INTO notes VALUES (1, 'lost')");
      await tx.query('', 'SELECT 1/0').catch(() => undefined);
    });
    await expect(work).rejects.toThrow('rolled back');
    expect(await notes()).toEqual([]);
  });

  it('refuses statements after its end', async () => {
    const leaked = await database.transaction(async (tx) => tx);
    await expect(leaked.query('', 'SELECT 1')).rejects.toThrow('over');
  });

  it('leaves its connection usable for the next one after a statement failed', async () => {
    const single = Database.connect({ url: server.url, poolMax: 1 });
    const pid = await backendOf(single);
    await rejection(single.transaction((tx) => tx.query('', 'SELECT 1/0')));
    expect(await backendOf(single)).toBe(pid);
    await single.close();
  });
});

describe('failures', () => {
  it("passes PostgreSQL's own errors with their state", async () => {
    const error = await rejection(database.query('', 'SELECT 1/0'));
    expect(error).not.toBeInstanceOf(AppError);
    expect(sqlState(error)).toBe('22012');
  });

  it('keeps the connection when a statement fails', async () => {
    const single = Database.connect({ url: server.url, poolMax: 1 });
    const pid = await backendOf(single);
    await rejection(single.query('', 'SELECT 1/0'));
    expect(await backendOf(single)).toBe(pid);
    await single.close();
  });

  it('is unavailable when a statement takes too long', async () => {
    const hasty = Database.connect({ url: server.url, statementTimeoutMs: 50 });
    const error = await rejection(hasty.query('', 'SELECT pg_sleep(30)'));
    expect(error).toMatchObject({ code: 'service_unavailable' });
    expect(sqlState(error)).toBe('57014');
    await hasty.close();
  });

  it('is unavailable when a lock is not to be had', async () => {
    const hasty = Database.connect({ url: server.url, lockTimeoutMs: 50 });
    const error = await database.transaction(async (tx) => {
      await tx.query('', 'LOCK TABLE notes');
      return rejection(hasty.query('', 'SELECT FROM notes'));
    });
    expect(error).toMatchObject({ code: 'service_unavailable' });
    expect(sqlState(error)).toBe('55P03');
    await hasty.close();
  });

  it('is unavailable where nobody listens, and says so when asked', async () => {
    const nowhere = Database.connect({ url: 'postgresql://nobody@127.0.0.1:1/none' });
    expect(await rejection(nowhere.query('', 'SELECT 1'))).toMatchObject({
      code: 'service_unavailable',
      cause: { code: 'ECONNREFUSED' },
    });
    expect([await nowhere.isUp(), await nowhere.takesWrites()]).toEqual([false, false]);
    expect([await database.isUp(), await database.takesWrites()]).toEqual([true, true]);
    await nowhere.close();
  });

  it('says so where it can be read but not written to', async () => {
    const standby = Database.connect({ url: `${server.url}?options=-c%20default_transaction_read_only=on` });
    expect([await standby.isUp(), await standby.takesWrites()]).toEqual([true, false]);
    await standby.close();
  });

  it('is unavailable when no connection gets free in time', async () => {
    const narrow = Database.connect({ url: server.url, poolMax: 1 });
    const error = await narrow.transaction(() => rejection(narrow.query('', 'SELECT 1')));
    expect(error).toMatchObject({ code: 'service_unavailable' });
    await narrow.close();
  });

  it('does not wait for ever for a server that accepts and says nothing', async () => {
    const network = await Network.to(server.url);
    network.goSilent();
    const waiting = Database.connect({ url: network.url });
    expect(await rejection(waiting.query('', 'SELECT 1'))).toMatchObject({ code: 'service_unavailable' });
    await waiting.close();
    await network.close();
  });

  it('does not wait for ever for an answer that the network swallows, nor for the end of its transaction', async () => {
    const network = await Network.to(server.url);
    const waiting = Database.connect({ url: network.url, statementTimeoutMs: 50 });
    const work = waiting.transaction(async (tx) => {
      network.goSilent();
      await tx.query('', 'SELECT 1');
    });
    expect(await rejection(work)).toMatchObject({ code: 'service_unavailable' });
    await waiting.close();
    await network.close();
  });
});

describe('a connection that PostgreSQL closes', () => {
  it('fails the statement that runs on it as unavailable, and the next one gets a new connection', async () => {
    const single = Database.connect({ url: server.url, poolMax: 1 });
    const pid = await backendOf(single);
    const running = rejection(single.query('', 'SELECT pg_sleep(30)'));
    await kill(pid);
    expect(await running).toMatchObject({ code: 'service_unavailable' });
    expect(await backendOf(single)).not.toBe(pid);
    await single.close();
  });

  it('is replaced when nobody used it', async () => {
    const single = Database.connect({ url: server.url, poolMax: 1 });
    const pid = await backendOf(single);
    await kill(pid);
    await expect(untilAnswered(() => backendOf(single))).resolves.not.toBe(pid);
    await single.close();
  });

  it('fails its transaction as unavailable, also between two statements', async () => {
    const work = database.transaction(async (tx) => {
      await kill(await backendOf(tx));
      await tx.query('', 'SELECT 1');
    });
    expect(await rejection(work)).toMatchObject({ code: 'service_unavailable' });
    expect(await database.isUp()).toBe(true);
  });
});

/** The pool learns of a closed connection a moment after the server has closed it; until then a query may still meet it. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch {
    return ask();
  }
}

/** A way to the server that can stop to carry anything, and gives no sign of it. */
class Network {
  private readonly sockets: Socket[] = [];
  private readonly listener = createServer((socket) => this.carry(socket));
  private isSilent = false;

  private constructor(private readonly target: URL) {}

  static async to(url: string): Promise<Network> {
    const network = new Network(new URL(url));
    network.listener.listen(0, '127.0.0.1');
    await once(network.listener, 'listening');
    return network;
  }

  get url(): string {
    const url = new URL(this.target);
    url.port = String((this.listener.address() as AddressInfo).port);
    return url.href;
  }

  goSilent(): void {
    this.isSilent = true;
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private carry(socket: Socket): void {
    const onward = connect(Number(this.target.port || 5432), this.target.hostname);
    this.sockets.push(socket, onward);
    for (const end of [socket, onward]) end.on('error', () => undefined);
    if (!this.isSilent) socket.pipe(onward).pipe(socket);
  }
}
