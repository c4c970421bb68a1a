import { Readable } from 'node:stream';
import { Body, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import { AuthoriseFile, CreateFileLinkBody, type FileId, Timestamp, type UserId } from '@parley/contracts';
import { AppError, type ErrorCode } from '@parley/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CurrentUser, currentUserOf } from '../../auth/current-user.decorator';
import { AcceptsLink } from '../../auth/accepts-link.decorator';
import type { UserSession } from '../../auth/user.session';
import { toFileId } from '../../client.ids';
import { FileLinks } from '../../media/file.links';
import { type FileVariant, MediaTransport } from '../../media/media.transport';
import { bodyErrors, Route } from '../route/route.decorator';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

const LinkQuery = z.object({
  expires: z.string().max(64).optional().meta({ description: 'Of a signed link.' }),
  signature: z.string().max(256).optional().meta({ description: 'Of a signed link: no token is needed then.' }),
});
type LinkQuery = z.infer<typeof LinkQuery>;

const exampleLink =
  '/api/files/0b9f3c1e-5d7a-4e57-9c53-6a1d2e3f4b5c?expires=1768903200&signature=UNhY4JhezH9gQYqvDMWrWH9CwlcKiECVqejMrND2VFw';

const FileLinkView = z
  .object({ url: z.string().meta({ example: exampleLink }), expires_at: Timestamp })
  .meta({ id: 'FileLink' });
type FileLinkView = z.infer<typeof FileLinkView>;

const downloadErrors = ['link_invalid', 'validation_failed', ...AuthoriseFile.errors] as const satisfies ErrorCode[];

/** The bytes themselves: what they are, their own headers say. */
const Bytes = z.string().meta({ format: 'binary' });
/** The client has them already. */
const Nothing = z.undefined();

@RestController('api/files', 'Files')
export class FileController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly links: FileLinks,
    private readonly media: MediaTransport,
  ) {}

  @Get(':id')
  @AcceptsLink()
  @Route({
    summary: 'Download a file',
    description:
      'For participants of its conversation, or with a signed link. Knows ranges and ' +
      '`If-None-Match`. Pictures and recordings are shown, all else is saved.',
    answers: { 200: Bytes, 206: Bytes, 304: Nothing },
    errors: [...downloadErrors, 'range_not_satisfiable'],
  })
  download(
    @Param('id') id: string,
    @Query({ schema: LinkQuery }) query: LinkQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.send(toFileId(id), 'original', query, request, reply);
  }

  @Get(':id/thumbnail')
  @AcceptsLink()
  @Route({
    summary: 'Download a picture in small',
    description: 'WebP of at most 320 by 320 pixels.',
    answers: { 200: Bytes, 304: Nothing },
    errors: downloadErrors,
  })
  downloadThumbnail(
    @Param('id') id: string,
    @Query({ schema: LinkQuery }) query: LinkQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.send(toFileId(id), 'thumbnail', query, request, reply);
  }

  @Get(':id/compressed')
  @AcceptsLink()
  @Route({
    summary: 'Download a picture in fewer bytes',
    description: 'WebP of at most 2048 by 2048 pixels, of pictures where that saves something.',
    answers: { 200: Bytes, 304: Nothing },
    errors: downloadErrors,
  })
  downloadCompressed(
    @Param('id') id: string,
    @Query({ schema: LinkQuery }) query: LinkQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.send(toFileId(id), 'compressed', query, request, reply);
  }

  @Post(':id/link')
  @Route({
    summary: 'Create a temporary link to a file',
    description: 'Whoever has it may download the file and its variants without a token, until it expires.',
    answers: { 201: FileLinkView },
    errors: [...bodyErrors, ...AuthoriseFile.errors],
  })
  async createLink(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @Body({ schema: CreateFileLinkBody.optional() }) body: CreateFileLinkBody | undefined,
    @RequestId() requestId: string,
  ): Promise<FileLinkView> {
    const fileId = toFileId(id);
    await this.rpc.call(AuthoriseFile, { userId, fileId }, { requestId });
    const { url, expiresAt } = this.links.sign(fileId, body?.expires_in ?? undefined);
    return { url, expires_at: expiresAt };
  }

  private async send(
    fileId: FileId,
    variant: FileVariant,
    query: LinkQuery,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const isHead = request.method === 'HEAD';
    const answer = await this.media.download({
      fileId,
      variant,
      userId: this.viewerOf(fileId, query, request),
      isHead,
      headers: request.headers as Record<string, string | undefined>,
    });
    if (answer.status === 416) {
      void reply.header('content-range', answer.headers['content-range']);
      throw new AppError('range_not_satisfiable');
    }
    // The client may have gone meanwhile; nobody would read the body then.
    if (request.raw.socket.destroyed) answer.body?.destroy();
    // A HEAD's length is that of what would be sent: with a stream Fastify leaves it alone. Null would be sent as JSON.
    const body = isHead ? Readable.from([]) : (answer.body ?? undefined);
    void reply.status(answer.status).headers(answer.headers).send(body);
  }

  /** Null for a signed link: whom it was given to is not known. */
  private viewerOf(fileId: FileId, { expires = '', signature }: LinkQuery, request: FastifyRequest): UserId | null {
    if (signature === undefined) return currentUserOf(request).userId;
    this.links.check(fileId, expires, signature);
    return null;
  }
}
