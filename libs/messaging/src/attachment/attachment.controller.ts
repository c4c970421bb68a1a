import { RpcHandler } from '@parley/bus';
import {
  AuthoriseDownload,
  AuthoriseUpload,
  FilterAttached,
  ListAttachments,
  type RequestOf,
  type ResponseOf,
} from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { AttachmentReader } from './attachment.reader';
import { AttachmentAccessReader } from './attachment-access.reader';

@Controller()
export class AttachmentController {
  constructor(
    private readonly reader: AttachmentReader,
    private readonly access: AttachmentAccessReader,
  ) {}

  @RpcHandler(AuthoriseUpload)
  async authoriseUpload(request: RequestOf<typeof AuthoriseUpload>): Promise<ResponseOf<typeof AuthoriseUpload>> {
    await this.access.authoriseUpload(request);
    return {};
  }

  @RpcHandler(AuthoriseDownload)
  authoriseDownload(request: RequestOf<typeof AuthoriseDownload>): Promise<ResponseOf<typeof AuthoriseDownload>> {
    return this.access.authoriseDownload(request);
  }

  @RpcHandler(FilterAttached)
  async filterAttached(request: RequestOf<typeof FilterAttached>): Promise<ResponseOf<typeof FilterAttached>> {
    return { fileIds: await this.reader.filterAttached(request) };
  }

  @RpcHandler(ListAttachments)
  list(request: RequestOf<typeof ListAttachments>): Promise<ResponseOf<typeof ListAttachments>> {
    return this.reader.list(request);
  }
}
