import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Controller, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { BusModule, BusServer, RpcClient, RpcHandler } from '@parley/bus';
import { ConfigModule, DatabaseConfig, MediaConfig } from '@parley/config';
import {
  type AttachmentView,
  AuthoriseDownload,
  ConversationId,
  type FileId,
  FilterAttached,
  type RequestOf,
  type ResponseOf,
  UserId,
} from '@parley/contracts';
import { Database, DatabaseModule } from '@parley/database';
import { AppError } from '@parley/errors';
import { HealthModule } from '@parley/observability';
import { formOf, testDatabase, type TestFile } from '@parley/testing';
import { MediaModule } from './media.module';
import { type UploadRequest, UploadService } from './upload/upload.service';

export const alice = UserId.parse('alice');
export const bob = UserId.parse('bob');
export const conversationId = ConversationId.parse('1');

/** Messaging, as far as media asks it: Alice and Bob are in conversation 1. */
@Controller()
export class FakeMessaging {
  readonly participants = new Set<UserId>([alice, bob]);
  readonly attached = new Set<FileId>();
  readonly deleted = new Set<FileId>();
  isDown = false;

  @RpcHandler(AuthoriseDownload)
  authorise({ userId, fileId }: RequestOf<typeof AuthoriseDownload>): ResponseOf<typeof AuthoriseDownload> {
    if (this.isDown) throw new AppError('service_unavailable');
    if (userId !== null && !this.participants.has(userId)) throw new AppError('not_a_participant');
    if (this.deleted.has(fileId)) throw new AppError('file_not_found');
    return {};
  }

  @RpcHandler(FilterAttached)
  filter({ files }: RequestOf<typeof FilterAttached>): ResponseOf<typeof FilterAttached> {
    if (this.isDown) throw new AppError('service_unavailable');
    return { fileIds: files.map(({ id }) => id).filter((id) => this.attached.has(id)) };
  }
}

/** The service on a database and a folder of its own, with a fake messaging beside it. */
export class MediaScene {
  private constructor(
    readonly rpc: RpcClient,
    readonly messaging: FakeMessaging,
    readonly database: Database,
    readonly folder: string,
    readonly get: <T>(type: Type<T> | (abstract new (...args: never[]) => T)) => T,
    readonly close: () => Promise<void>,
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<MediaScene> {
    const database = await testDatabase();
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-media-'));
    const settings = { DATABASE_URL: database.url, DATA_DIR: folder, ...env };
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot([DatabaseConfig, MediaConfig], settings),
        DatabaseModule.forRoot(),
        BusModule.inProcess({ roundTrip: true }),
        HealthModule.forRoot(),
        MediaModule,
      ],
      controllers: [FakeMessaging],
    }).compile();
    const app = module.createNestMicroservice({ strategy: module.get(BusServer), logger: false });
    await app.listen();
    const close = async () => {
      await app.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    };
    const get = <T>(type: Type<T> | (abstract new (...args: never[]) => T)): T => module.get(type);
    return new MediaScene(get(RpcClient), get(FakeMessaging), get(Database), folder, get, close);
  }

  /** Alice uploads files to conversation 1. */
  async upload(
    files: readonly TestFile[],
    fields: Readonly<Record<string, string>> = {},
    request: Partial<UploadRequest> = {},
  ): Promise<AttachmentView[]> {
    const form = new Response(formOf(files, fields));
    return this.get(UploadService).upload({
      uploaderId: alice,
      conversationId,
      contentType: form.headers.get('content-type') ?? '',
      body: Readable.from(Buffer.from(await form.arrayBuffer()), { objectMode: false }),
      ...request,
    });
  }

  /** One file that is uploaded by itself. */
  async uploadOne(file: TestFile, fields: Readonly<Record<string, string>> = {}): Promise<AttachmentView> {
    const [attachment] = await this.upload([file], fields);
    if (attachment === undefined) throw new Error('Nothing was uploaded');
    return attachment;
  }

  /** All that lies in the service's folder, in order: kept files and what is passing through. */
  async storedFiles(): Promise<string[]> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort();
  }

  async countRows(): Promise<number> {
    return (await this.database.query('', 'SELECT id FROM files')).length;
  }
}
