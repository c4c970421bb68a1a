import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { keptSecret } from './standalone.secret';

describe('the secret of a data directory', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = path.join(await mkdtemp(path.join(tmpdir(), 'parley-secret-')), 'data');
  });
  afterEach(() => rm(path.dirname(dataDir), { recursive: true }));

  it('stays the same from one start to the next', async () => {
    expect(await keptSecret(dataDir)).toBe(await keptSecret(dataDir));
  });

  it('is long enough for production', async () => {
    expect(Buffer.byteLength(await keptSecret(dataDir))).toBeGreaterThanOrEqual(32);
  });

  it('is for its owner alone', async () => {
    await keptSecret(dataDir);
    expect((await stat(path.join(dataDir, 'jwt-secret'))).mode & 0o777).toBe(0o600);
  });

  it('is one for processes that start at once, and leaves nothing else behind', async () => {
    const [first, second] = await Promise.all([keptSecret(dataDir), keptSecret(dataDir)]);
    expect(second).toBe(first);
    expect(await readdir(dataDir)).toEqual(['jwt-secret']);
  });

  it('differs between data directories', async () => {
    expect(await keptSecret(dataDir)).not.toBe(await keptSecret(path.join(dataDir, 'other')));
  });
});
