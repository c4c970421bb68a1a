import { randomUUID } from 'node:crypto';
import { type AttachmentView, type ConversationId, FileId, type UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable, Logger } from '@nestjs/common';
import { storageKeysOf, toAttachmentView } from '../file/file.mapper';
import { FileRepository, type NewFile } from '../file/file.repository';
import { FileStorage, newStorageKey } from '../storage/file.storage';
import type { InspectedFile } from './file.inspector';

/** What the variants of pictures are. */
const variantType = 'image/webp';

/** Keeps files that were found good: all of them, or none. */
@Injectable()
export class FileKeeper {
  private readonly log = new Logger(FileKeeper.name);

  constructor(
    private readonly files: FileRepository,
    private readonly storage: FileStorage,
  ) {}

  /**
   * Once it resolves the files survive a crash. What a crash before leaves is known by its row, and swept.
   *
   * @returns them in their order.
   * @throws AppError `service_unavailable`, and none is kept.
   */
  async keep(
    files: readonly InspectedFile[],
    uploaderId: UserId,
    conversationId: ConversationId,
  ): Promise<AttachmentView[]> {
    const rows = files.map((file) => toNewFile(file, uploaderId, conversationId));
    await this.files.insertPending(rows);
    try {
      for (const [i, row] of rows.entries()) await this.store(files[i], row);
      const published = await this.files.publish(rows.map(({ id }) => id));
      const byId = new Map(published.map((row) => [row.id, row]));
      return rows.map(({ id }) => {
        const row = byId.get(id);
        if (row === undefined) throw new AppError('service_unavailable', { cause: new Error('A file was swept') });
        return toAttachmentView(row);
      });
    } catch (error) {
      await this.takeBack(rows);
      throw error;
    }
  }

  private async store(file: InspectedFile | undefined, row: NewFile): Promise<void> {
    if (file === undefined) return;
    await this.storage.put(row.storageKey, file.path, row.mimeType);
    if (file.thumbnail && row.thumbnailKey) await this.storage.put(row.thumbnailKey, file.thumbnail, variantType);
    if (file.compressed && row.compressedKey) await this.storage.put(row.compressedKey, file.compressed, variantType);
  }

  /** What cannot be removed now is swept later. */
  private async takeBack(rows: readonly NewFile[]): Promise<void> {
    try {
      await this.storage.remove(
        rows.flatMap(({ storageKey, thumbnailKey, compressedKey }) =>
          storageKeysOf({ storage_key: storageKey, thumbnail_key: thumbnailKey, compressed_key: compressedKey }),
        ),
      );
      await this.files.remove(rows.map(({ id }) => id));
    } catch (err) {
      this.log.warn({ msg: 'An upload that failed is left to be swept', err });
    }
  }
}

function toNewFile(file: InspectedFile, uploaderId: UserId, conversationId: ConversationId): NewFile {
  return {
    id: FileId.parse(randomUUID()),
    conversationId,
    uploaderId,
    kind: file.type.kind,
    fileName: file.fileName,
    mimeType: file.type.mimeType,
    size: file.size,
    storageKey: newStorageKey(),
    thumbnailKey: file.thumbnail === undefined ? null : newStorageKey(),
    compressedKey: file.compressed === undefined ? null : newStorageKey(),
    width: file.width,
    height: file.height,
    duration: file.duration,
    waveform: file.waveform,
  };
}
