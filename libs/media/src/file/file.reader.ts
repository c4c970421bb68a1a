import { RpcClient } from '@parley/bus';
import {
  type AttachmentView,
  type AuthoriseFile,
  AuthoriseDownload,
  type DescribeFiles,
  type FileId,
  type RequestOf,
  type UserId,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { type FileRow, toAttachmentView } from './file.mapper';
import { FileRepository } from './file.repository';

/** Reads files for those who may have them. */
@Injectable()
export class FileReader {
  constructor(
    private readonly files: FileRepository,
    private readonly rpc: RpcClient,
  ) {}

  /** In the order of the request. @throws AppError `attachment_not_found` unless all are the owner's uploads there. */
  async describe({ ownerId, conversationId, fileIds }: RequestOf<typeof DescribeFiles>): Promise<AttachmentView[]> {
    const rows = await this.files.listOwned(fileIds, ownerId, conversationId);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return fileIds.map((id, i) => {
      const row = byId.get(id);
      if (row !== undefined) return toAttachmentView(row);
      const message = 'is not an upload of yours to this conversation';
      throw new AppError('attachment_not_found', { issues: [{ path: `attachment_ids.${i}`, message }] });
    });
  }

  /** @throws AppError as {@link getAccessible} does. */
  async authorise({ fileId, userId }: RequestOf<typeof AuthoriseFile>): Promise<AttachmentView> {
    return toAttachmentView(await this.getAccessible(fileId, userId));
  }

  /**
   * A file that this user may have now: it was uploaded to a conversation of theirs, and is in no deleted message. Without
   * a user, one that a signed link may lead to.
   *
   * @throws AppError `file_not_found`, `not_a_participant`, `conversation_not_found`; `service_unavailable` where nobody
   *   can tell.
   */
  async getAccessible(fileId: FileId, userId: UserId | null): Promise<FileRow> {
    const file = await this.files.find(fileId);
    if (file === undefined) throw new AppError('file_not_found');
    const conversationId = file.conversation_id as RequestOf<typeof AuthoriseDownload>['conversationId'];
    await this.rpc.call(AuthoriseDownload, { userId, conversationId, fileId });
    return file;
  }
}
