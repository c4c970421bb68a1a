import { StartFailure } from '@parley/observability';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { folderFailure, makeFolder } from './standalone.folder';

describe('the data directory', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parley-folder-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const failureOf = async (dataDir: string): Promise<string> => {
    const error: unknown = await makeFolder(dataDir).catch((cause: unknown) => folderFailure(dataDir, cause));
    expect(error).toBeInstanceOf(StartFailure);
    return (error as StartFailure).message;
  };

  it('is made with all folders above it, also by two at once, and may exist', async () => {
    const dataDir = path.join(folder, 'a/b/c');
    await Promise.all([makeFolder(dataDir), makeFolder(dataDir)]);
    await makeFolder(dataDir);
    expect((await stat(dataDir)).isDirectory()).toBe(true);
  });

  it('is no file', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    expect(await failureOf(file)).toBe(
      `DATA_DIR=${file} cannot be used: it is a file. Set DATA_DIR to a folder that Parley may write to.`,
    );
  });

  it('is not below a file', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    expect(await failureOf(path.join(file, 'a/b'))).toContain('a part of that path is a file');
  });

  // Who asks there for a folder is told that the one above it is missing, though it is there.
  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('is not where no folder can be made', async () => {
    expect(await failureOf('/proc/parley/data')).toContain('it cannot be made there');
  });

  it.each([
    ['EACCES', 'the permissions do not allow it'],
    ['EROFS', 'it is read-only'],
    ['ENOSPC', 'the disk is full'],
    ['EIO', 'EIO'],
  ])('is told to be of no use with a reason: %s', (code, reason) => {
    const failure = folderFailure('/data', Object.assign(new Error('in words for programmers'), { code }));
    expect((failure as Error).message).toContain(`DATA_DIR=/data cannot be used: ${reason}.`);
  });

  it('is not blamed for what is no error of the file system', () => {
    const error = new Error('a mistake');
    expect(folderFailure('/data', error)).toBe(error);
  });
});
