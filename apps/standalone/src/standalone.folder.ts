import { StartFailure } from '@parley/observability';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** Makes a folder and those above it. Node's own way of doing so never ends below `/proc`. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeOne(folder);
  } catch (error) {
    const above = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === folder) throw error;
    await makeFolder(above);
    await makeOne(folder);
  }
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (!(await isFolder(folder))) throw error;
  }
}

/** Why the data directory is of no use, in a sentence. What is no error of the file system stays as it is. */
export function folderFailure(dataDir: string, cause: unknown): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === undefined) return cause;
  const advice = 'Set DATA_DIR to a folder that Parley may write to.';
  return new StartFailure(`DATA_DIR=${dataDir} cannot be used: ${reasons[code] ?? code}. ${advice}`, { cause });
}

const denied = 'the permissions do not allow it';

const reasons: Readonly<Record<string, string>> = {
  EEXIST: 'it is a file',
  ENOTDIR: 'a part of that path is a file',
  ENOENT: 'it cannot be made there',
  EACCES: denied,
  EPERM: denied,
  EROFS: 'it is read-only',
  ENOSPC: 'the disk is full',
};

const isFolder = (folder: string): Promise<boolean> =>
  stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
