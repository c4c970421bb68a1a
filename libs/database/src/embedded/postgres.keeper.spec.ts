import { Logger } from '@nestjs/common';
import { type KeeperOptions, type KeptServer, PostgresKeeper } from './postgres.keeper';

/** A server that ends when it is told to, and starts as often as it is let. */
class FakeServer implements KeptServer {
  starts = 0;
  /** Of the starts to come, how many fail. */
  failures = 0;
  /** Resolves within a start: until then it is under way. */
  readiness: Promise<void> = Promise.resolve();
  end: (how: string) => void = () => undefined;
  private end$ = this.begin();

  ended(): Promise<string> {
    return this.end$;
  }

  async start(): Promise<void> {
    this.starts++;
    if (this.failures-- > 0) throw new Error('no space left');
    await this.readiness;
    this.end$ = this.begin();
  }

  private begin(): Promise<string> {
    return new Promise((resolve) => (this.end = resolve));
  }
}

let server: FakeServer;
let lost: Error[];
let complaints: jest.SpyInstance;

beforeEach(() => {
  server = new FakeServer();
  lost = [];
  jest.spyOn(Logger.prototype, 'log').mockReturnValue();
  complaints = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
});
afterEach(() => jest.restoreAllMocks());

function keep(options: Partial<KeeperOptions> = {}): PostgresKeeper {
  const keeper = new PostgresKeeper(server, { pausesMs: [0, 0, 0], onLost: (error) => lost.push(error), ...options });
  keeper.keep();
  return keeper;
}

/** Resolves when everything that needs no time has happened. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

it('starts a server again that ended by itself, and says so', async () => {
  keep();
  server.end('SIGKILL');
  await until(() => server.starts === 1);
  expect(complaints).toHaveBeenCalledTimes(1);
  expect(complaints).toHaveBeenCalledWith({
    msg: 'PostgreSQL is down: attempt 1 of 3 to start it again',
    err: new Error('It ended by itself: SIGKILL'),
  });
  expect(lost).toEqual([]);
});

it('tries on when the first attempts fail, and says why each time', async () => {
  keep();
  server.failures = 2;
  server.end('exit code 0');
  await until(() => server.starts === 3);
  expect(complaints.mock.calls.map(([{ err }]: [{ err: Error }]) => err.message)).toEqual([
    'It ended by itself: exit code 0',
    'no space left',
    'no space left',
  ]);
  expect(lost).toEqual([]);
});

it('gives up after the last attempt, once, and tells why that failed', async () => {
  keep();
  server.failures = 9;
  server.end('SIGKILL');
  await until(() => lost.length > 0);
  expect(server.starts).toBe(3);
  expect(lost).toEqual([expect.objectContaining({ cause: new Error('no space left') })]);
});

it('gives up a server that ends again and again as soon as it serves', async () => {
  keep();
  for (let round = 1; round <= 3; round++) {
    const { end } = server;
    end('SIGSEGV');
    await until(() => server.end !== end);
  }
  server.end('SIGSEGV');
  await until(() => lost.length > 0);
  expect(server.starts).toBe(3);
});

it('counts anew when a server that served for long ends', async () => {
  keep({ soundAfterMs: 0 });
  for (let round = 1; round <= 6; round++) {
    const { end } = server;
    end('SIGKILL');
    await until(() => server.end !== end);
  }
  expect(server.starts).toBe(6);
  expect(lost).toEqual([]);
});

it('leaves a server alone that ends after it was let go', async () => {
  const keeper = keep();
  await keeper.letGo();
  const { end } = server;
  end('exit code 0');
  await server.ended();
  await keeper.letGo();
  expect(server.starts).toBe(0);
  expect(complaints).not.toHaveBeenCalled();
});

it('makes no attempt when it is let go in the pause before', async () => {
  const keeper = keep({ pausesMs: [600_000] });
  server.end('SIGKILL');
  await until(() => complaints.mock.calls.length > 0);
  await keeper.letGo();
  expect(server.starts).toBe(0);
  expect(lost).toEqual([]);
});

it('is let go when the attempt under way is over', async () => {
  const keeper = keep();
  let ready = () => undefined as void;
  server.readiness = new Promise((resolve) => (ready = resolve));
  server.end('SIGKILL');
  await until(() => server.starts === 1);
  let isLetGo = false;
  const letGo = keeper.letGo().then(() => (isLetGo = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isLetGo).toBe(false);
  ready();
  await letGo;
  expect(lost).toEqual([]);
});
