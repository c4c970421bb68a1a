import type { FileHandle } from 'node:fs/promises';

const chunkBytes = 65_536;

/** Reads a file from its beginning to its end, a chunk at a time; what is skipped is not read. */
export class ByteReader {
  private chunk: Buffer = Buffer.alloc(0);
  /** Where the chunk lies in the file, and where the next byte lies in the chunk. */
  private chunkStart = 0;
  private offset = 0;

  constructor(private readonly file: FileHandle) {}

  get position(): number {
    return this.chunkStart + this.offset;
  }

  /** The next bytes; undefined where the file has fewer. They hold until the next call. */
  async read(bytes: number): Promise<Buffer | undefined> {
    const found = await this.peek(bytes);
    if (found) this.offset += bytes;
    return found;
  }

  async peek(bytes: number): Promise<Buffer | undefined> {
    if (this.offset + bytes > this.chunk.length) await this.refill(bytes);
    return this.offset + bytes > this.chunk.length ? undefined : this.chunk.subarray(this.offset, this.offset + bytes);
  }

  skip(bytes: number): void {
    this.offset += bytes;
  }

  private async refill(bytes: number): Promise<void> {
    const start = this.position;
    const { buffer, bytesRead } = await this.file.read(Buffer.alloc(Math.max(bytes, chunkBytes)), 0, undefined, start);
    this.chunk = buffer.subarray(0, bytesRead);
    this.chunkStart = start;
    this.offset = 0;
  }
}
