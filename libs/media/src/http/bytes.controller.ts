import { Readable } from 'node:stream';
import { Controller, Get, Param, Post, Query, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { type AttachmentView, ConversationId, FileId, FileKind, UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DownloadService } from '../download/download.service';
import { UploadService } from '../upload/upload.service';
import { BytesErrorFilter } from './bytes-error.filter';
import { GatewayGuard } from './gateway.guard';

const UploadQuery = z.object({ uploader_id: UserId, conversation_id: ConversationId, kind: FileKind.optional() });
const DownloadQuery = z.object({ user_id: UserId.optional() });
const Download = z.object({ fileId: FileId, variant: z.enum(['original', 'thumbnail', 'compressed']) });

/** Bytes in and out, for gateways. */
@Controller('internal')
@UseGuards(GatewayGuard)
@UseFilters(BytesErrorFilter)
export class BytesController {
  constructor(
    private readonly uploads: UploadService,
    private readonly downloads: DownloadService,
  ) {}

  @Post('files')
  async upload(@Req() request: FastifyRequest, @Query() query: unknown): Promise<{ files: AttachmentView[] }> {
    const { uploader_id: uploaderId, conversation_id: conversationId, kind } = parse(UploadQuery, query);
    const contentLength = request.headers['content-length'];
    const files = await this.uploads.upload({
      uploaderId,
      conversationId,
      kind,
      contentType: request.headers['content-type'] ?? '',
      contentLength: contentLength === undefined ? undefined : Number(contentLength),
      body: request.raw,
    });
    return { files };
  }

  @Get('files/:fileId/:variant')
  async download(
    @Req() request: FastifyRequest,
    @Param() params: unknown,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const isHead = request.method === 'HEAD';
    const answer = await this.downloads.open({
      ...parse(Download, params),
      userId: parse(DownloadQuery, query).user_id ?? null,
      isHead,
      headers: request.headers as Record<string, string | undefined>,
    });
    // A HEAD's length is that of what would be sent: with a stream Fastify leaves it alone. Null would be sent as JSON.
    const body = isHead ? Readable.from([]) : (answer.body ?? undefined);
    void reply.status(answer.status).headers(answer.headers).send(body);
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new AppError('malformed_request', { cause: parsed.error });
  return parsed.data;
}
