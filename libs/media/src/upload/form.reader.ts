import type { Readable } from 'node:stream';
import { AppError } from '@parley/errors';
import { boundaryOf, MultipartReader, type Part } from './multipart.reader';
import type { UploadFolder } from './upload.folder';
import { beginningBytes, checkFileSize, maxFiles, maxParts, parseDuration, type UploadRules } from './upload.policy';

const maxFieldBytes = 1_024;

/** A file that has arrived, as far as its client describes it. */
export interface ReceivedFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** As the client wrote it. */
  readonly fileName: string;
  readonly contentType: string | undefined;
}

export interface UploadForm {
  readonly files: readonly ReceivedFile[];
  /** What was claimed of the recordings among the files, in their order; in seconds. */
  readonly durations: readonly number[];
}

/**
 * Reads a form of files from a request: the files onto the disk as they arrive, each cut off at its limit.
 *
 * The body is left where it stands when this rejects; whoever gave it decides what becomes of the rest.
 *
 * @throws AppError `malformed_request`, `unsupported_media_type`, `validation_failed`, `file_too_large`, `service_unavailable`.
 */
export async function readForm(
  body: Readable,
  contentType: string,
  folder: UploadFolder,
  rules: UploadRules,
): Promise<UploadForm> {
  const reader = new MultipartReader(chunksOf(body), boundaryOf(contentType));
  try {
    return await readParts(reader, folder, rules);
  } finally {
    await reader.close();
  }
}

async function readParts(reader: MultipartReader, folder: UploadFolder, rules: UploadRules): Promise<UploadForm> {
  const files: ReceivedFile[] = [];
  const durations: number[] = [];
  let parts = 0;
  for await (const part of reader.parts()) {
    if (++parts > maxParts) throw invalid('file', `a form has at most ${maxParts} parts`);
    if (part.fileName !== undefined) {
      if (part.name !== 'file') throw invalid(part.name, 'is no field for files: use "file"');
      if (files.length === maxFiles) throw invalid('file', `an upload has at most ${maxFiles} files`);
      files.push(await receive(part, part.fileName, folder, rules));
    } else if (part.name === 'duration') durations.push(parseDuration(await readField(part)));
    else if (part.name === 'file') throw invalid('file', 'must be a file, with a file name');
    else await readField(part);
  }
  if (files.length === 0) throw invalid('file', 'is missing');
  return { files, durations };
}

async function receive(
  { contentType, body }: Part,
  fileName: string,
  folder: UploadFolder,
  rules: UploadRules,
): Promise<ReceivedFile> {
  const path = folder.nextFile();
  const size = await folder.write(path, limited(body, rules));
  return { path, size, fileName, contentType };
}

/** Passes bytes on until there are too many of them. */
async function* limited(body: AsyncIterable<Buffer>, rules: UploadRules): AsyncGenerator<Buffer> {
  let beginning: Buffer = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of body) {
    if (beginning.length < beginningBytes) beginning = Buffer.concat([beginning, chunk.subarray(0, beginningBytes)]);
    bytes += chunk.length;
    checkFileSize(bytes, beginning, rules);
    yield chunk;
  }
}

async function readField({ name, body }: Part): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxFieldBytes) throw invalid(name, `has at most ${maxFieldBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The body's chunks; it stays open when nobody wants more of them. */
async function* chunksOf(body: Readable): AsyncGenerator<Buffer> {
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  try {
    for await (const chunk of chunks) yield chunk;
  } catch (cause) {
    throw new AppError('malformed_request', { detail: 'The upload ended too early', cause });
  }
}

function invalid(path: string, message: string): AppError {
  return new AppError('validation_failed', { issues: [{ path: path.slice(0, 64), message }] });
}
