import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '@parley/errors';
import { type ByteRange, FileStorage, type OpenedFile } from './file.storage';
import { takesFiles } from './folder.probe';

/** Files in a folder of this machine, or in one that several machines share. */
export class DiskFileStorage extends FileStorage {
  /** @param folder absolute; made when it is needed. */
  constructor(private readonly folder: string) {
    super();
  }

  async put(key: string, localFile: string): Promise<void> {
    const target = this.pathOf(key);
    try {
      await synchronise(localFile);
      await mkdir(path.dirname(target), { recursive: true });
      await move(localFile, target);
      await synchronise(path.dirname(target));
    } catch (cause) {
      await rm(target, { force: true }).catch(() => undefined);
      throw toFailure(cause);
    } finally {
      await rm(localFile, { force: true }).catch(() => undefined);
    }
  }

  async open(key: string, range?: ByteRange): Promise<OpenedFile> {
    try {
      const file = await open(this.pathOf(key), 'r');
      try {
        const { size } = await file.stat();
        return { size, body: file.createReadStream(range ?? {}) };
      } catch (error) {
        await file.close();
        throw error;
      }
    } catch (cause) {
      throw toFailure(cause);
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    try {
      for (const key of keys) await rm(this.pathOf(key), { force: true });
    } catch (cause) {
      throw toFailure(cause);
    }
  }

  isUp(): Promise<boolean> {
    return takesFiles(this.folder);
  }

  /** Keys are this service's own; one that leads out of the folder would be a mistake of its code. */
  private pathOf(key: string): string {
    if (!/^[0-9a-f]+(\/[0-9a-f]+)*$/.test(key)) throw new Error('Not a storage key');
    return path.join(this.folder, key);
  }
}

/** Makes what was written to a file, or which files a folder holds, survive a loss of power. */
async function synchronise(fileOrFolder: string): Promise<void> {
  const handle = await open(fileOrFolder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** At once, or not at all: nobody ever reads half a file. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const beside = `${to}.part`;
    try {
      await copyFile(from, beside);
      await synchronise(beside);
      await rename(beside, to);
    } catch (failure) {
      await rm(beside, { force: true });
      throw failure;
    }
  }
}

function toFailure(cause: unknown): AppError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'EISDIR') return new AppError('file_not_found', { cause });
  return code === undefined ? AppError.from(cause) : new AppError('service_unavailable', { cause });
}
