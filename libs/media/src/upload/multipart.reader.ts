import { AppError } from '@parley/errors';
import { type PartHeaders, parsePartHeaders } from './part.headers';

/** One part of a form, while it is read. */
export interface Part extends PartHeaders {
  /** Read it to its end before the next part; what is left is skipped. */
  readonly body: AsyncIterable<Buffer>;
}

const crlf = Buffer.from('\r\n');
const endOfHeaders = Buffer.from('\r\n\r\n');
const maxHeaderBytes = 16 * 1_024;
/** What may stand before the first part. */
const maxPreambleBytes = 16 * 1_024;
const maxBoundaryLength = 70;

/**
 * The boundary that a `multipart/form-data` content type names.
 *
 * @throws AppError `unsupported_media_type` for another content type, `malformed_request` without a boundary.
 */
export function boundaryOf(contentType: string): string {
  const [type = '', ...parameters] = contentType.split(';');
  if (type.trim().toLowerCase() !== 'multipart/form-data') throw new AppError('unsupported_media_type');
  for (const parameter of parameters) {
    const [, quoted, plain] = /^\s*boundary=(?:"([^"]+)"|([^\s"]+))\s*$/i.exec(parameter) ?? [];
    const boundary = quoted ?? plain;
    if (boundary !== undefined && boundary.length <= maxBoundaryLength) return boundary;
  }
  throw malformed('The form has no boundary');
}

/**
 * Reads a multipart form part by part as it arrives, and never holds more of it than a chunk and what a boundary needs. The
 * source is read no faster than the parts are.
 */
export class MultipartReader {
  private readonly source: AsyncIterator<Buffer>;
  private readonly delimiter: Buffer;
  /** What has arrived and was not given away. A form starts as if a line had ended before it. */
  private pending: Buffer = crlf;
  private hasEnded = false;

  constructor(source: AsyncIterable<Buffer>, boundary: string) {
    this.source = source[Symbol.asyncIterator]();
    this.delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** @throws AppError `malformed_request` for what is no form, or ends too early; what the source throws. */
  async *parts(): AsyncGenerator<Part, void, undefined> {
    await this.skipPreamble();
    while (await this.nextPartFollows()) {
      const headers = parsePartHeaders(await this.readHeaders());
      const body = this.readBody();
      // Without `return`: a reader that stops half way leaves the rest to be skipped.
      yield { ...headers, body: { [Symbol.asyncIterator]: () => ({ next: () => body.next() }) } };
      while (!(await body.next()).done);
    }
  }

  /** Reads no more; the source may go on without a reader. */
  async close(): Promise<void> {
    await this.source.return?.();
  }

  private async skipPreamble(): Promise<void> {
    let skipped = 0;
    for await (const chunk of this.readBody()) {
      skipped += chunk.length;
      if (skipped > maxPreambleBytes) throw malformed('The form does not start with its boundary');
    }
  }

  /** Behind a delimiter: is there one more part? What follows the last one is nobody's business. */
  private async nextPartFollows(): Promise<boolean> {
    await this.demand(2);
    if (this.pending.subarray(0, 2).equals(Buffer.from('--'))) return false;
    const end = this.pending.indexOf(crlf);
    this.pending = this.pending.subarray(end + crlf.length);
    return true;
  }

  private async readHeaders(): Promise<string> {
    for (;;) {
      // A part without headers has only the empty line.
      if (this.pending.subarray(0, 2).equals(crlf)) {
        this.pending = this.pending.subarray(2);
        return '';
      }
      const end = this.pending.indexOf(endOfHeaders);
      if (end >= 0 && end <= maxHeaderBytes) {
        const text = this.pending.toString('utf8', 0, end);
        this.pending = this.pending.subarray(end + endOfHeaders.length);
        return text;
      }
      if (this.pending.length > maxHeaderBytes) throw malformed('The headers of a part are too long');
      await this.demand(this.pending.length + 1);
    }
  }

  /** Bytes up to the next delimiter, which is taken away. */
  private async *readBody(): AsyncGenerator<Buffer, void, undefined> {
    for (let from = 0; ;) {
      const found = this.pending.indexOf(this.delimiter, from);
      const verdict = found < 0 ? 'open' : this.judge(found);
      if (verdict === 'content') {
        from = found + this.delimiter.length;
        continue;
      }
      const end = found >= 0 ? found : this.pending.length - (this.delimiter.length - 1);
      if (end > 0) {
        const chunk = this.pending.subarray(0, end);
        this.pending = this.pending.subarray(end);
        yield chunk;
      }
      if (verdict === 'delimiter') {
        this.pending = this.pending.subarray(this.delimiter.length);
        return;
      }
      from = 0;
      await this.demand(this.pending.length + 1);
    }
  }

  /**
   * The delimiter's text is at this place of `pending`: it is one if `--`, or the end of the line behind blanks, follows;
   * otherwise content that only begins like it. `open` where more has to come before that is known.
   */
  private judge(place: number): 'delimiter' | 'content' | 'open' {
    const start = place + this.delimiter.length;
    for (let at = start; at - start <= maxBoundaryLength; at++) {
      const [first, second] = [this.pending[at], this.pending[at + 1]];
      if (first === undefined || second === undefined) return 'open';
      if (first === 0x0d) return second === 0x0a ? 'delimiter' : 'content';
      if (at === start && first === 0x2d && second === 0x2d) return 'delimiter';
      if (first !== 0x20 && first !== 0x09) return 'content';
    }
    return 'content';
  }

  /** Waits until `pending` has this many bytes. */
  private async demand(bytes: number): Promise<void> {
    while (this.pending.length < bytes) {
      if (this.hasEnded) throw malformed('The form ends too early');
      const next = await this.source.next();
      if (next.done) this.hasEnded = true;
      else this.pending = this.pending.length === 0 ? next.value : Buffer.concat([this.pending, next.value]);
    }
  }
}

function malformed(detail: string): AppError {
  return new AppError('malformed_request', { detail });
}
