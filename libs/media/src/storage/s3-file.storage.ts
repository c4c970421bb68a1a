import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { MediaConfig } from '@parley/config';
import { AppError } from '@parley/errors';
import { Slots } from '../slots';
import { type ByteRange, FileStorage, newStorageKey, type OpenedFile } from './file.storage';

/** Bytes of one part of an upload: what S3 takes at least, and about what one upload holds in memory. */
const partBytes = 5 * 1_048_576;
/** How many uploads are sent on at a time; the others wait on the disk. */
const maxPuts = 4;
/** In milliseconds. */
const connectTimeoutMs = 3_000;
const silenceTimeoutMs = 20_000;
/** What one request may name. */
const maxKeysOfRemoval = 1_000;

/** Files in a bucket of Amazon S3, or of a server that speaks its protocol. */
export class S3FileStorage extends FileStorage {
  private readonly client: S3Client;
  private readonly bucket: string;
  private readonly puts = new Slots(maxPuts);

  constructor(config: MediaConfig) {
    super();
    this.bucket = config.s3Bucket ?? '';
    this.client = new S3Client({
      ...(config.s3Endpoint === undefined ? {} : { endpoint: config.s3Endpoint }),
      region: config.s3Region,
      forcePathStyle: config.s3PathStyle,
      credentials: { accessKeyId: config.s3AccessKeyId ?? '', secretAccessKey: config.s3SecretAccessKey ?? '' },
      requestHandler: { connectionTimeout: connectTimeoutMs, requestTimeout: silenceTimeoutMs },
      // Not every server that speaks S3 knows the newer checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async put(key: string, localFile: string, contentType: string): Promise<void> {
    try {
      await this.puts.use(() => this.send(key, localFile, contentType));
    } catch (cause) {
      throw toFailure(cause);
    } finally {
      await rm(localFile, { force: true }).catch(() => undefined);
    }
  }

  async open(key: string, range?: ByteRange): Promise<OpenedFile> {
    const part = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` };
    try {
      const answer = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key, ...part }));
      const { Body, ContentLength = 0, ContentRange } = answer;
      if (!(Body instanceof Readable)) throw new Error('S3 answered without a body');
      const whole = /\/(\d+)$/.exec(ContentRange ?? '')?.[1];
      return { size: whole === undefined ? ContentLength : Number(whole), body: Body };
    } catch (cause) {
      throw toFailure(cause);
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (let first = 0; first < keys.length; first += maxKeysOfRemoval) {
      await this.removeSome(keys.slice(first, first + maxKeysOfRemoval));
    }
  }

  async isUp(): Promise<boolean> {
    const [key, text] = [newStorageKey(), 'probe'];
    try {
      await this.client.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: text }));
      const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
      await this.remove([key]);
      return (await Body?.transformToString()) === text;
    } catch {
      return false;
    }
  }

  /** Ends the connections that are kept open. */
  close(): void {
    this.client.destroy();
  }

  /** In parts where it is large; what was sent of an upload that fails is taken back. */
  private async send(key: string, localFile: string, contentType: string): Promise<void> {
    const body = createReadStream(localFile);
    try {
      await new Upload({
        client: this.client,
        params: { Bucket: this.bucket, Key: key, Body: body, ContentType: contentType },
        queueSize: 1,
        partSize: partBytes,
        leavePartsOnError: false,
      }).done();
    } finally {
      body.destroy();
    }
  }

  private async removeSome(keys: readonly string[]): Promise<void> {
    try {
      const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
      const { Errors = [] } = await this.client.send(new DeleteObjectsCommand({ Bucket: this.bucket, Delete }));
      const left = Errors.filter(({ Code }) => Code !== 'NoSuchKey');
      if (left.length > 0) throw new Error(`S3 did not remove ${left.length} objects: ${left[0]?.Code}`);
    } catch (cause) {
      throw toFailure(cause);
    }
  }
}

function toFailure(cause: unknown): AppError {
  const isMissing = cause instanceof S3ServiceException && (cause.name === 'NoSuchKey' || cause.name === 'NotFound');
  return new AppError(isMissing ? 'file_not_found' : 'service_unavailable', { cause });
}
