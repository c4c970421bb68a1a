import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';

/** First and last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes on their way out. Whoever has them destroys `body`, or reads it to its end. */
export interface OpenedFile {
  /** Of the whole file, in bytes, also where only a range is read. */
  readonly size: number;
  readonly body: Readable;
}

/** Keeps bytes under keys. The Nest token of the implementation. */
export abstract class FileStorage {
  /**
   * Keeps the bytes of a file of this machine; once it resolves they survive a crash. They never change again. The file is
   * the storage's from the call on: it is gone when this resolves.
   *
   * @throws AppError `service_unavailable` where they could not be kept: full, or out of reach. Nothing is left then, but
   *   what a crash of this process leaves.
   */
  abstract put(key: string, localFile: string, contentType: string): Promise<void>;

  /**
   * Opens what is kept under a key, or a range of it.
   *
   * @throws AppError `file_not_found`, `service_unavailable`. What breaks later breaks `body`.
   */
  abstract open(key: string, range?: ByteRange): Promise<OpenedFile>;

  /**
   * Removes what is kept under these keys; what is not there is no failure.
   *
   * @throws AppError `service_unavailable` where some may be left.
   */
  abstract remove(keys: readonly string[]): Promise<void>;

  /** Does what is written come back? Tried with a few bytes, of which nothing is left. Never rejects. */
  abstract isUp(): Promise<boolean>;
}

/** A key that nobody can guess and that says nothing: `3f/9c/3f9c…`, 128 random bits. */
export function newStorageKey(): string {
  const name = randomBytes(16).toString('hex');
  return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`;
}
