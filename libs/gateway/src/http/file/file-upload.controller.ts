import { Get, Param, Post, Query, Req } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import { AttachmentView, AuthoriseUpload, FileKind, ListAttachments } from '@parley/contracts';
import { AppError, type ErrorCode } from '@parley/errors';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CurrentUser } from '../../auth/current-user.decorator';
import type { UserSession } from '../../auth/user.session';
import { toConversationId } from '../../client.ids';
import { RateLimited } from '../../limits/rate-limited.decorator';
import { FileUploader } from '../../media/file.uploader';
import { AcceptsFiles } from '../route/accepts-files.decorator';
import { Route } from '../route/route.decorator';
import { listOf, PageQuery, toPage } from '../route/page.query';
import { wholePage } from '../route/whole.page';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

const uploadErrors = [
  'malformed_request',
  'unsupported_media_type',
  'validation_failed',
  'file_too_large',
  'file_type_not_allowed',
  'file_damaged',
  'file_infected',
  'image_too_large',
  'duration_mismatch',
  'rate_limited',
] as const satisfies ErrorCode[];

const Uploaded = z.object({ files: z.array(AttachmentView) }).meta({ id: 'Upload' });
type Uploaded = z.infer<typeof Uploaded>;

const FileQuery = PageQuery.extend({ kind: FileKind.optional() });
type FileQuery = z.infer<typeof FileQuery>;

const FileList = listOf('files', AttachmentView).meta({ id: 'FileList' });
type FileList = z.infer<typeof FileList>;

@RestController('api/conversations', 'Files')
export class FileUploadController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly uploader: FileUploader,
  ) {}

  @Post(':id/upload')
  @AcceptsFiles()
  @RateLimited('file_upload')
  @Route({
    summary: 'Upload files to a conversation',
    description:
      'A form with 1 to 10 `file` parts, of which all are kept or none. What a file is, its bytes tell: a name or a header ' +
      'that disagrees is refused. Pictures are written anew, without what cameras note. An upload that is not sent with a ' +
      'message (`attachment_ids`) within a day is removed.',
    answers: { 201: Uploaded },
    errors: [...uploadErrors, ...AuthoriseUpload.errors],
  })
  async upload(
    @CurrentUser() session: UserSession,
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @RequestId() requestId: string,
  ): Promise<Uploaded> {
    const { 'content-type': contentType = '', 'content-length': length } = request.headers;
    // Any other body was read already, and is no form.
    if (!/^multipart\/form-data\s*(;|$)/i.test(contentType)) throw new AppError('unsupported_media_type');
    const contentLength = length === undefined ? undefined : Number(length);
    const form = { body: request.raw, contentType, contentLength };
    return { files: await this.uploader.upload(session, id, form, requestId) };
  }

  @Get(':id/files')
  @Route({
    summary: 'List the files of a conversation',
    description: 'Those in its messages, newest first.',
    answers: { 200: FileList },
    errors: ListAttachments.errors,
  })
  async list(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @Query({ schema: FileQuery }) query: FileQuery,
    @RequestId() requestId: string,
  ): Promise<FileList> {
    const list = { userId, conversationId: toConversationId(id) };
    const answer = await wholePage(query, 'files', (part) =>
      this.rpc.call(ListAttachments, { ...list, ...part }, { requestId }),
    );
    return { files: answer.files, ...toPage(query, answer) };
  }
}
