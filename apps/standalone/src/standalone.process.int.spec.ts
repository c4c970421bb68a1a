import { Database } from '@parley/database';
import { type Deployment, plainClient, RestClient, startStandalone } from '@parley/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

jest.setTimeout(120_000);

/** As `npm start` on a machine where nothing is configured. */
const unconfigured = { JWT_SECRET: '', AUTH_DEV_ISSUER: '' };

/** The tokens of the banner, which is printed a moment after the server got healthy. */
async function printedTokens(deployment: Deployment): Promise<string[]> {
  for (;;) {
    const tokens = deployment.output('standalone').match(/eyJ[\w-]+\.[\w-]+\.[\w-]+(?=\W)/g) ?? [];
    if (tokens.length === 2) return tokens;
    await delay(20);
  }
}

async function untilPrinted(deployment: Deployment, what: RegExp): Promise<void> {
  while (!what.test(deployment.output('standalone'))) await delay(20);
}

/** The pid of the data directory's PostgreSQL, two other things, and its port. */
async function databaseStatus(dataDir: string): Promise<string[]> {
  return (await readFile(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n');
}

async function me(deployment: Deployment, token: string | undefined): Promise<Response> {
  return fetch(`${deployment.urls[0]}/api/users/me`, { headers: { authorization: `Bearer ${token}` } });
}

describe('the standalone process', () => {
  let folder: string;
  let dataDir: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parley-standalone-'));
    // The user that PostgreSQL runs as has to get through.
    await chmod(folder, 0o711);
    dataDir = path.join(folder, 'data');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('refuses a port that is taken, says which and nothing else, and makes no database', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const start = startStandalone({ DATA_DIR: dataDir, PORT: String(port) });
    await expect(start).rejects.toThrow(
      new RegExp(`starting:\\n\\nPort ${port} of 127\\.0\\.0\\.1 is taken\\. .*\\n\\n$`),
    );
    expect(existsSync(path.join(dataDir, 'postgres'))).toBe(false);
    other.close();
  });

  it('lists all that is wrong with its configuration', async () => {
    const start = startStandalone({ DATA_DIR: dataDir, AUTH_DEV_ISSUER: 'perhaps', DRAIN_SECONDS: 'soon' });
    await expect(start).rejects.toThrow(/AUTH_DEV_ISSUER(.|\n)*DRAIN_SECONDS/);
  });

  it('refuses a data directory that is none, and says so in a sentence', async () => {
    const start = startStandalone({ DATA_DIR: __filename });
    await expect(start).rejects.toThrow(/starting:\n\nDATA_DIR=\S+ cannot be used: it is a file\. .*\n\n$/);
  });

  it('refuses a PostgreSQL that does not answer, and says so', async () => {
    const start = startStandalone({ DATA_DIR: dataDir, DATABASE_URL: 'postgresql://postgres@127.0.0.1:1/parley' });
    await expect(start).rejects.toThrow('PostgreSQL cannot be reached');
  });

  describe('without a configuration', () => {
    let deployment: Deployment;
    let tokens: string[];

    beforeAll(async () => {
      // It drains for longer than it takes to be asked twice.
      deployment = await startStandalone({ ...unconfigured, DATA_DIR: dataDir, DRAIN_SECONDS: '10' });
      tokens = await printedTokens(deployment);
    });
    afterAll(() => deployment.stop());

    it('prints tokens of two users who exist', async () => {
      const users = await Promise.all(tokens.map(async (token) => (await me(deployment, token)).json()));
      expect(users).toEqual([
        expect.objectContaining({ id: 'bob', display_name: 'Bob' }),
        expect.objectContaining({ id: 'alice', display_name: 'Alice' }),
      ]);
    });

    it('prints a line with which Bob hears what is sent to him, and answers', async () => {
      const [, line = ''] = /^ {2}(node -e .*)$/m.exec(deployment.output('standalone')) ?? [];
      const bob = spawn('sh', ['-c', `exec ${line}`], { stdio: ['pipe', 'pipe', 'inherit'] });
      const exit = once(bob, 'exit');
      let heard = '';
      bob.stdout.on('data', (chunk: Buffer) => (heard += chunk.toString()));
      const alice = new RestClient(deployment.url('standalone'), tokens[1]);
      const conversation = { type: 'direct', participant_ids: ['bob'] };
      const { id } = (await alice.post<{ id: string }>('/api/conversations', conversation)).body;
      while (!heard.includes('"type":"session"')) await delay(20);
      await alice.post(`/api/conversations/${id}/messages`, { content: 'Hello Bob' });
      while (!heard.includes('Hello Bob')) await delay(20);
      bob.stdin.write('Hello Alice\n');
      const messages = `/api/conversations/${id}/messages`;
      while (!JSON.stringify((await alice.get(messages)).body).includes('Hello Alice')) await delay(20);
      bob.kill();
      await exit;
    });

    it('refuses to share its data directory', async () => {
      await expect(startStandalone({ DATA_DIR: dataDir })).rejects.toThrow(/Another Parley \(process \d+\) uses/);
    });

    it('waits for no connection that says nothing', async () => {
      const { hostname, port } = new URL(deployment.url('standalone'));
      const silent = connect(Number(port), hostname);
      await once(silent, 'connect');
      const end = once(silent, 'close');
      await expect(deployment.kill('standalone', 'SIGTERM')).resolves.toEqual({ code: 0, signal: null });
      await end;
      await deployment.restart('standalone');
    });

    it('says that it drains, and ends at once with its database when it is asked again', async () => {
      const socket = plainClient(deployment.url('standalone'), tokens[0]);
      await socket.session;
      const exit = deployment.kill('standalone', 'SIGINT');
      await untilPrinted(deployment, /Parley drains: .*Ctrl-C again ends it at once\.\n/);
      // The first signals may be copies of one; this asks until one is taken for the second.
      const asking = setInterval(() => void deployment.kill('standalone', 'SIGINT'), 100);
      await expect(exit.finally(() => clearInterval(asking))).resolves.toEqual({ code: 1, signal: null });
      await socket.closed;
      expect(existsSync(path.join(dataDir, 'owner.lock'))).toBe(false);
      // It removes this file with its last breath.
      while (existsSync(path.join(dataDir, 'postgres/postmaster.pid'))) await delay(20);
      await deployment.restart('standalone');
      expect((await me(deployment, tokens[0])).status).toBe(200);
    });

    it('knows its tokens again after a restart', async () => {
      await expect(deployment.kill('standalone', 'SIGINT')).resolves.toEqual({ code: 0, signal: null });
      await deployment.restart('standalone');
      expect((await me(deployment, tokens[0])).status).toBe(200);
    });
  });

  it('ends with an error when its database ends and cannot be started again', async () => {
    const deployment = await startStandalone({ DATA_DIR: dataDir });
    const files = path.join(dataDir, 'postgres');
    await rename(path.join(files, 'global'), path.join(files, 'elsewhere'));
    const [pid] = await databaseStatus(dataDir);
    process.kill(Number(pid), 'SIGKILL');
    await untilPrinted(deployment, /"level":"fatal".*could not be started again/);
    // A signal that asks for nothing: the process ends by itself.
    await expect(deployment.kill('standalone', 'SIGCONT')).resolves.toEqual({ code: 1, signal: null });
    const attempts = deployment.output('standalone').match(/"level":"error".*PostgreSQL is down: attempt \d/g);
    expect(attempts?.length).toBeGreaterThan(2);
    expect(existsSync(path.join(dataDir, 'owner.lock'))).toBe(false);
    await rename(path.join(files, 'elsewhere'), path.join(files, 'global'));
    await deployment.restart('standalone');
    await deployment.stop();
  });

  it('warns when others than this machine can ask for tokens', async () => {
    const deployment = await startStandalone({ ...unconfigured, DATA_DIR: dataDir, HOST: '0.0.0.0' });
    await untilPrinted(deployment, /WARNING: HOST=0\.0\.0\.0 .*signs tokens for anybody/);
    expect(deployment.output('standalone')).toMatch(/"level":"warn".*signs tokens for anybody/);
    await deployment.stop();
  });

  it.each([
    ['to this machine alone', {}],
    ['without the development issuer', { HOST: '0.0.0.0', AUTH_DEV_ISSUER: 'false' }],
  ])('warns of nothing when it serves %s', async (_what, env) => {
    const deployment = await startStandalone({ ...unconfigured, DATA_DIR: dataDir, ...env });
    await untilPrinted(deployment, /API docs: /);
    expect(deployment.output('standalone')).not.toMatch(/WARNING|"level":"warn"/);
    await deployment.stop();
  });

  it('signs no tokens in production', async () => {
    const deployment = await startStandalone({ ...unconfigured, DATA_DIR: dataDir, NODE_ENV: 'production' });
    const response = await fetch(`${deployment.urls[0]}/api/auth/dev-token`, { method: 'POST' });
    expect(response.status).toBe(404);
    expect(deployment.output('standalone')).not.toContain('eyJ');
    await deployment.stop();
  });
  // The last one: nothing starts on this data any more.
  it('leaves no database behind when it fails after that was started', async () => {
    const deployment = await startStandalone({ DATA_DIR: dataDir });
    const [, , , port] = await databaseStatus(dataDir);
    const password = await readFile(path.join(dataDir, 'postgres.password'), 'utf8');
    const database = Database.connect({ url: `postgresql://parley:${password}@127.0.0.1:${port}/parley`, poolMax: 1 });
    await database.query('', 'UPDATE _prisma_migrations SET finished_at = NULL');
    await database.close();
    await deployment.kill('standalone', 'SIGTERM');
    await expect(deployment.restart('standalone')).rejects.toThrow(/Migration \S+ failed earlier/);
    expect(existsSync(path.join(dataDir, 'postgres'))).toBe(true);
    expect(existsSync(path.join(dataDir, 'postgres/postmaster.pid'))).toBe(false);
    expect(existsSync(path.join(dataDir, 'owner.lock'))).toBe(false);
    await deployment.stop();
  });
});
