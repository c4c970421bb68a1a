import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DiskFileStorage } from './disk-file.storage';
import { takesFiles } from './folder.probe';

describe('a folder', () => {
  let parent: string;

  beforeEach(async () => {
    parent = await mkdtemp(path.join(tmpdir(), 'parley-probe-'));
  });
  afterEach(() => rm(parent, { recursive: true }));

  it('takes files where what is written comes back, and nothing is left of the question', async () => {
    const folder = path.join(parent, 'one/two');
    expect(await Promise.all([takesFiles(folder), takesFiles(folder)])).toEqual([true, true]);
    expect(await readdir(folder)).toEqual([]);
  });

  // Whoever is the superuser may write here, as on a full disk; and no file can be made.
  it('takes none where permission is all that there is', async () => {
    expect(await takesFiles('/proc/self')).toBe(false);
    expect(await new DiskFileStorage('/proc/self').isUp()).toBe(false);
  });
});
