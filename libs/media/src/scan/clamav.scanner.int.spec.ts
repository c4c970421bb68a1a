import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClamavScanner } from './clamav.scanner';

/** What a daemon of ClamAV does with INSTREAM. */
async function startDaemon(verdictOn: (bytes: Buffer) => string): Promise<Server> {
  const server = createServer((socket) => void serve(socket).catch(() => undefined));
  async function serve(socket: Socket): Promise<void> {
    let pending = Buffer.alloc(0);
    const content: Buffer[] = [];
    let hasCommand = false;
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      pending = Buffer.concat([pending, chunk]);
      if (!hasCommand && pending.subarray(0, 10).toString() === 'zINSTREAM\0') {
        hasCommand = true;
        pending = pending.subarray(10);
      }
      while (hasCommand && pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
        const length = pending.readUInt32BE(0);
        if (length === 0) return void socket.end(`${verdictOn(Buffer.concat(content))}\0`);
        content.push(pending.subarray(4, 4 + length));
        pending = pending.subarray(4 + length);
      }
    }
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('the scanner', () => {
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parley-scan-'));
    file = path.join(folder, 'file');
    await writeFile(file, Buffer.alloc(200_000, 'x'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function scanWith(verdictOn: (bytes: Buffer) => string): Promise<unknown> {
    const server = await startDaemon(verdictOn);
    const { port } = server.address() as AddressInfo;
    try {
      return await new ClamavScanner(`tcp://127.0.0.1:${port}`).scan(file).then(
        () => 'clean',
        (error: { code: string }) => error.code,
      );
    } finally {
      server.close();
    }
  }

  it('shows the daemon the whole file', async () => {
    let seen = 0;
    expect(await scanWith((bytes) => ((seen = bytes.length), 'stream: OK'))).toBe('clean');
    expect(seen).toBe(200_000);
  });

  it('refuses what the daemon finds, and everything while nobody can tell', async () => {
    expect(await scanWith(() => 'stream: Eicar-Test-Signature FOUND')).toBe('file_infected');
    expect(await scanWith(() => 'INSTREAM size limit exceeded. ERROR')).toBe('service_unavailable');
    await expect(new ClamavScanner('tcp://127.0.0.1:1').scan(file)).rejects.toMatchObject({
      code: 'service_unavailable',
    });
  });
});
