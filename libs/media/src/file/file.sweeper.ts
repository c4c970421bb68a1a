import { EventBus, type EventSubscription, RpcClient } from '@parley/bus';
import { type FileId, FilesReleased, FilterAttached } from '@parley/contracts';
import { Injectable, Logger } from '@nestjs/common';
import { FileStorage } from '../storage/file.storage';
import { UploadFolders } from '../upload/upload.folder';
import { storageKeysOf } from './file.mapper';
import { type DueFile, FileRepository } from './file.repository';

/** How often it is looked whether files are due, in milliseconds. */
const intervalMs = 60_000;
const batchSize = 200;

/**
 * Removes files that no message holds: uploads that nobody sent, and what deleted messages have let go of.
 *
 * Nothing is removed before `messaging` has said that no message holds it. A file is doomed first, after which it cannot be
 * sent, and goes at a second look a minute later: a send that was told of it before is committed by then, or never. Each
 * file is claimed by one process at a time.
 */
@Injectable()
export class FileSweeper {
  private readonly log = new Logger(FileSweeper.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private releases: EventSubscription | undefined;
  private hasStopped = false;

  constructor(
    private readonly files: FileRepository,
    private readonly storage: FileStorage,
    private readonly folders: UploadFolders,
    private readonly rpc: RpcClient,
    private readonly events: EventBus,
  ) {}

  /** Looks from now on, every minute, and hears what messages let go of. */
  start(): void {
    this.schedule(0);
    void this.listen();
  }

  async stop(): Promise<void> {
    this.hasStopped = true;
    clearTimeout(this.timer);
    await this.releases?.close();
    await this.running;
  }

  /** Looks after all that is due. */
  async sweep(): Promise<void> {
    await this.folders.sweep();
    for (let due = await this.files.claimDue(batchSize); due.length > 0; due = await this.files.claimDue(batchSize)) {
      await this.lookAfter(due);
      if (this.hasStopped) return;
    }
  }

  /** Removes files of deleted messages, unless some message holds them after all. */
  async release(ids: readonly FileId[]): Promise<void> {
    const files = (await this.files.claim(ids)).filter(({ state }) => state !== 'pending');
    const attached = await this.findAttached(files);
    await this.keep(files.filter(({ id }) => attached.has(id)));
    await this.remove(files.filter(({ id }) => !attached.has(id)));
  }

  private async lookAfter(files: readonly DueFile[]): Promise<void> {
    const stored = files.filter(({ state }) => state !== 'pending');
    const attached = await this.findAttached(stored);
    const unattached = stored.filter(({ id }) => !attached.has(id));
    await this.keep(stored.filter(({ id }) => attached.has(id)));
    await this.files.doom(unattached.filter(({ state }) => state === 'ready').map(({ id }) => id));
    await this.remove([
      ...files.filter(({ state }) => state === 'pending'),
      ...unattached.filter(({ state }) => state === 'doomed'),
    ]);
  }

  private async findAttached(files: readonly DueFile[]): Promise<Set<FileId>> {
    if (files.length === 0) return new Set();
    const asked = files.map(({ id, conversation_id }) => ({ id, conversationId: conversation_id }));
    return new Set((await this.rpc.call(FilterAttached, { files: asked })).fileIds);
  }

  private async keep(files: readonly DueFile[]): Promise<void> {
    if (files.length > 0) await this.files.keep(files.map(({ id }) => id));
  }

  /** The bytes first: a crash in between leaves rows that are due again, and no bytes that nobody knows of. */
  private async remove(files: readonly DueFile[]): Promise<void> {
    if (files.length === 0) return;
    await this.storage.remove(files.flatMap(storageKeysOf));
    await this.files.remove(files.map(({ id }) => id));
  }

  private schedule(delayMs: number): void {
    this.timer = setTimeout(() => {
      this.running = this.sweep()
        .catch((err: unknown) => this.log.warn({ msg: 'Files could not be swept', err }))
        .finally(() => {
          if (!this.hasStopped) this.schedule(intervalMs);
        });
    }, delayMs).unref();
  }

  private async listen(): Promise<void> {
    try {
      const pattern = `chat.conversation.*.${FilesReleased.name}`;
      const consumer = { durable: 'media_files_released', pattern, isSpared: true };
      this.releases = await this.events.consume(consumer, (event) => this.release(event.parse(FilesReleased).fileIds));
      if (this.hasStopped) await this.releases.close();
    } catch (err) {
      this.log.error({ msg: 'What messages let go of cannot be heard', err });
    }
  }
}
