import type { Readable } from 'node:stream';
import type { FileId, UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import type { FileRow } from '../file/file.mapper';
import { FileReader } from '../file/file.reader';
import { type ByteRange, FileStorage } from '../storage/file.storage';
import { parseRange } from './byte.range';
import { contentDisposition } from './content.disposition';

export type FileVariant = 'original' | 'thumbnail' | 'compressed';

export interface DownloadRequest {
  readonly fileId: FileId;
  readonly variant: FileVariant;
  /** Who asks; null where a signed link does. */
  readonly userId: UserId | null;
  /** Only what would be answered, without the bytes. */
  readonly isHead: boolean;
  /** The client's own, names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** An HTTP answer. Whoever gets it reads `body` to its end, or destroys it. */
export interface DownloadAnswer {
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable | null;
}

/** A file, or a variant of it, as it is served. */
interface Served {
  readonly key: string;
  readonly mimeType: string;
  readonly fileName: string;
  /** In bytes; undefined where only the storage knows. */
  readonly size: number | undefined;
  readonly etag: string;
  readonly isInline: boolean;
  readonly modifiedAt: string;
}

/**
 * What a browser may do with a file: nothing but show it. It is not to guess what it is, nor to run what is in it, and asks
 * again each time whether it may still have it.
 */
const safetyHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  'cache-control': 'private, no-cache',
} as const;

/** Serves the bytes of files to those who may have them. */
@Injectable()
export class DownloadService {
  constructor(
    private readonly files: FileReader,
    private readonly storage: FileStorage,
  ) {}

  /**
   * Answers as HTTP has it: conditions (ETag), one range, or the whole.
   *
   * @throws AppError `file_not_found` also for a variant that the file has not; `not_a_participant`,
   *   `conversation_not_found`, `service_unavailable`.
   */
  async open({ fileId, variant, userId, isHead, headers }: DownloadRequest): Promise<DownloadAnswer> {
    const served = serve(await this.files.getAccessible(fileId, userId), variant);
    const fixed = headersOf(served);
    if (isFresh(headers['if-none-match'], served.etag)) return { status: 304, headers: fixed, body: null };
    const range = served.size === undefined ? 'whole' : parseRange(wantedRange(headers, served), served.size);
    if (range === 'unsatisfiable') {
      return { status: 416, headers: { ...fixed, 'content-range': `bytes */${served.size ?? 0}` }, body: null };
    }
    const { size, body } = isHead
      ? { size: served.size, body: null }
      : await this.storage.open(served.key, range === 'whole' ? undefined : range);
    return toAnswer({ ...fixed, 'content-type': served.mimeType }, range, size, body);
  }
}

/** @param size undefined where nobody had to know. */
function toAnswer(
  headers: Readonly<Record<string, string>>,
  range: ByteRange | 'whole',
  size: number | undefined,
  body: Readable | null,
): DownloadAnswer {
  if (range === 'whole') {
    const length = size === undefined ? {} : { 'content-length': String(size) };
    return { status: 200, headers: { ...headers, ...length }, body };
  }
  const { start, end } = range;
  const part = { 'content-length': String(end - start + 1), 'content-range': `bytes ${start}-${end}/${size}` };
  return { status: 206, headers: { ...headers, ...part }, body };
}

function serve(file: FileRow, variant: FileVariant): Served {
  const { id, file_name: fileName, created_at: modifiedAt } = file;
  if (variant === 'original') {
    const mimeType = file.mime_type === 'text/plain' ? 'text/plain; charset=utf-8' : file.mime_type;
    const isInline = file.kind !== 'file';
    const etag = `"${id}"`;
    return { key: file.storage_key, mimeType, fileName, size: Number(file.size), etag, isInline, modifiedAt };
  }
  const key = variant === 'thumbnail' ? file.thumbnail_key : file.compressed_key;
  if (key === null) throw new AppError('file_not_found');
  return {
    key,
    mimeType: 'image/webp',
    fileName: `${fileName.replace(/\.[^.]*$/, '')}.webp`,
    size: undefined,
    etag: `"${id}-${variant}"`,
    isInline: true,
    modifiedAt,
  };
}

function headersOf({ etag, isInline, fileName, size, modifiedAt }: Served): Record<string, string> {
  return {
    ...safetyHeaders,
    etag,
    'last-modified': new Date(modifiedAt).toUTCString(),
    'accept-ranges': size === undefined ? 'none' : 'bytes',
    'content-disposition': contentDisposition(isInline ? 'inline' : 'attachment', fileName),
  };
}

/** A file never changes under its id: its ETag tells all, and dates are not looked at. */
function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  const known = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes(etag) || known.includes('*');
}

/** A range of something else (`If-Range`) is of no use: then the whole is served. */
function wantedRange(headers: DownloadRequest['headers'], { etag }: Served): string | undefined {
  const condition = headers['if-range'];
  return condition === undefined || condition === etag ? headers['range'] : undefined;
}
