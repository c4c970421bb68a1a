import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { MediaConfig } from '@parley/config';
import { AppError } from '@parley/errors';
import { Inject, Injectable } from '@nestjs/common';
import { takesFiles } from '../storage/folder.probe';

/** No upload takes this long: what is older was left by a process that was killed, in milliseconds. */
const maxAgeMs = 2 * 3_600_000;

/** The files of one upload while it is looked at. */
export class UploadFolder {
  private files = 0;

  constructor(readonly path: string) {}

  /** The path of a file that is not there yet. Nothing that a client said is in it. */
  nextFile(): string {
    return path.join(this.path, String(++this.files));
  }

  /**
   * Writes a new file as its bytes arrive, no faster than the disk takes them.
   *
   * @returns its size, in bytes.
   * @throws AppError `service_unavailable` where the disk is full or away; what `bytes` throws.
   */
  async write(file: string, bytes: AsyncIterable<Buffer>): Promise<number> {
    const handle = await open(file, 'wx').catch(failToWrite);
    try {
      let size = 0;
      for await (const chunk of bytes) {
        await handle.writeFile(chunk).catch(failToWrite);
        size += chunk.length;
      }
      return size;
    } finally {
      await handle.close();
    }
  }

  /** Removes whatever of the upload is still here. Never throws: what is left is swept. */
  async discard(): Promise<void> {
    await rm(this.path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Where uploads lie until they are found good. */
@Injectable()
export class UploadFolders {
  private readonly parent: string;

  constructor(@Inject(MediaConfig.token) config: MediaConfig) {
    this.parent = path.resolve(config.dataDir, 'media', 'incoming');
  }

  /** @throws AppError `service_unavailable` */
  async create(): Promise<UploadFolder> {
    const folder = path.join(this.parent, randomBytes(16).toString('hex'));
    await mkdir(folder, { recursive: true }).catch(failToWrite);
    return new UploadFolder(folder);
  }

  /** Can uploads be written? Never rejects. */
  isUp(): Promise<boolean> {
    return takesFiles(this.parent);
  }

  /** Removes what killed processes have left. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.parent).catch(() => [])) {
      const folder = path.join(this.parent, name);
      const age = Date.now() - ((await stat(folder).catch(() => undefined))?.mtimeMs ?? Date.now());
      if (age > maxAgeMs) await new UploadFolder(folder).discard();
    }
  }
}

function failToWrite(cause: unknown): never {
  throw new AppError('service_unavailable', { cause });
}
