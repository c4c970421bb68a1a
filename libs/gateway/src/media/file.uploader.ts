import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { RpcClient } from '@parley/bus';
import { type AttachmentView, AuthoriseUpload, type FileKind } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import type { UserSession } from '../auth/user.session';
import { toConversationId } from '../client.ids';
import { MediaTransport, type UploadRequest } from './media.transport';

/** A file that a client sent in some other way than a form. */
export interface FileInHand {
  readonly fileName: string;
  /** Undefined where the client did not say. */
  readonly mimeType: string | undefined;
  /** In seconds; of a recording. */
  readonly duration?: number | undefined;
  readonly bytes: Uint8Array;
}

/** Uploads files on behalf of clients, however these send them. */
@Injectable()
export class FileUploader {
  constructor(
    private readonly rpc: RpcClient,
    private readonly media: MediaTransport,
  ) {}

  /**
   * Passes a form on, once its sender may upload to the conversation: nothing of it is read before.
   *
   * @throws AppError as a send of this user would be refused, why a file was refused, or `service_unavailable`.
   */
  async upload(
    { userId }: UserSession,
    conversationId: string,
    form: Pick<UploadRequest, 'body' | 'contentType' | 'contentLength' | 'kind'>,
    requestId: string,
  ): Promise<AttachmentView[]> {
    const to = { userId, conversationId: toConversationId(conversationId) };
    await this.rpc.call(AuthoriseUpload, to, { requestId });
    return this.media.upload({ uploaderId: userId, conversationId: to.conversationId, ...form });
  }

  /** The same for files that are in memory already: they become a form, and are checked as such. */
  uploadFiles(
    session: UserSession,
    conversationId: string,
    files: readonly FileInHand[],
    kind: FileKind | undefined,
    requestId: string,
  ): Promise<AttachmentView[]> {
    const boundary = randomBytes(16).toString('hex');
    const form = {
      kind,
      contentType: `multipart/form-data; boundary=${boundary}`,
      body: Readable.from(formOf(files, boundary), { objectMode: false }),
    };
    return this.upload(session, conversationId, form, requestId);
  }
}

function* formOf(files: readonly FileInHand[], boundary: string): Iterable<Uint8Array> {
  for (const { fileName, mimeType, duration, bytes } of files) {
    if (duration !== undefined) {
      yield Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="duration"\r\n\r\n${duration}\r\n`);
    }
    const name = fileName.replace(/[\r\n]/g, '').replaceAll('"', '%22');
    const type = mimeType === undefined ? '' : `content-type: ${mimeType.replace(/[^\u0020-\u007e]/g, '')}\r\n`;
    yield Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n${type}\r\n`,
    );
    yield bytes;
    yield Buffer.from('\r\n');
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}
