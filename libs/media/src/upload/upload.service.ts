import type { Readable } from 'node:stream';
import { MediaConfig } from '@parley/config';
import type { AttachmentView, ConversationId, FileKind, UserId } from '@parley/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { FileInspector, type InspectedFile } from './file.inspector';
import { FileKeeper } from './file.keeper';
import { readForm } from './form.reader';
import { type UploadFolder, UploadFolders } from './upload.folder';
import { checkFormSize, type UploadRules } from './upload.policy';

/** An upload that its uploader is allowed to make. */
export interface UploadRequest {
  readonly uploaderId: UserId;
  readonly conversationId: ConversationId;
  /** Of the body: `multipart/form-data; boundary=…`. */
  readonly contentType: string;
  /** Of the body in bytes, where the client tells. */
  readonly contentLength?: number | undefined;
  /** Refuse files of other kinds. */
  readonly kind?: FileKind | undefined;
  /** Read no faster than it can be worked on. It may be left half read when the upload is refused. */
  readonly body: Readable;
}

/** Takes files in. */
@Injectable()
export class UploadService {
  constructor(
    @Inject(MediaConfig.token) private readonly config: MediaConfig,
    private readonly folders: UploadFolders,
    private readonly inspector: FileInspector,
    private readonly keeper: FileKeeper,
  ) {}

  /**
   * Keeps all files of a form, or none. They wait for a day to be sent with a message.
   *
   * @returns them in the form's order.
   * @throws AppError why one of them was refused.
   */
  async upload(request: UploadRequest): Promise<AttachmentView[]> {
    const { maxFileBytes, allowedTypes } = this.config;
    const rules = { maxFileBytes, allowedTypes, kind: request.kind };
    // A client that goes away before its form is read is met when it is.
    request.body.on('error', () => undefined);
    checkFormSize(request.contentLength, rules);
    const folder = await this.folders.create();
    try {
      const files = await this.takeIn(request, folder, rules);
      return await this.keeper.keep(files, request.uploaderId, request.conversationId);
    } finally {
      await folder.discard();
    }
  }

  private async takeIn(request: UploadRequest, folder: UploadFolder, rules: UploadRules): Promise<InspectedFile[]> {
    const { files, durations } = await readForm(request.body, request.contentType, folder, rules);
    const claims = durations[Symbol.iterator]();
    const inspected: InspectedFile[] = [];
    for (const file of files) {
      inspected.push(await this.inspector.inspect(file, rules, () => claims.next().value));
    }
    return inspected;
  }
}
