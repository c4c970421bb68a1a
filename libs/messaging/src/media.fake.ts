import { randomUUID } from 'node:crypto';
import { RpcHandler } from '@parley/bus';
import {
  type AttachmentView,
  type ConversationId,
  DescribeFiles,
  FileId,
  type RequestOf,
  type ResponseOf,
  type UserId,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { anAttachment } from '@parley/testing';
import { Controller } from '@nestjs/common';

/** Stands in for the service that owns files, as far as messages ask it. */
@Controller()
export class FakeMedia {
  private readonly uploads = new Map<string, { readonly owner: string; readonly view: AttachmentView }>();
  /** How often it was asked. */
  asked = 0;

  upload(ownerId: UserId, conversationId: ConversationId, fields: Partial<AttachmentView> = {}): AttachmentView {
    const view = anAttachment({ id: FileId.parse(randomUUID()), ...fields });
    this.uploads.set(view.id, { owner: `${ownerId} ${conversationId}`, view });
    return view;
  }

  /** Its bytes are gone. */
  remove(id: string): void {
    this.uploads.delete(id);
  }

  @RpcHandler(DescribeFiles)
  async describe(request: RequestOf<typeof DescribeFiles>): Promise<ResponseOf<typeof DescribeFiles>> {
    const { ownerId, conversationId, fileIds } = request;
    this.asked++;
    const attachments = fileIds.map((id) => {
      const upload = this.uploads.get(id);
      if (upload?.owner !== `${ownerId} ${conversationId}`) throw new AppError('attachment_not_found');
      return upload.view;
    });
    return { attachments };
  }
}
