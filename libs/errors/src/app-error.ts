import { catalogue, type ErrorCode, type ErrorKind, statusOfKind } from './catalogue';

/** One thing that is wrong with a request: where (`participant_ids.0`; empty for the whole) and what. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

export interface AppErrorOptions {
  /** Replaces the catalogue's sentence. Shown to clients: no secrets, no contents. */
  readonly detail?: string | undefined;
  readonly issues?: readonly Issue[] | undefined;
  /** When to come back, in milliseconds; edges turn it into `Retry-After`. */
  readonly retryAfterMs?: number | undefined;
  /** More members of the problem document (RFC 9457, section 3.2), as they are named on the wire. Shown to clients. */
  readonly extension?: Readonly<Record<string, unknown>> | undefined;
  /** What lay behind it. For logs only. */
  readonly cause?: unknown;
}

/** The one error that domain code throws: a code of the catalogue, and what is behind it as `cause`. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly issues: readonly Issue[] | undefined;
  readonly retryAfterMs: number | undefined;
  readonly extension: Readonly<Record<string, unknown>> | undefined;

  constructor(
    readonly code: ErrorCode,
    options: AppErrorOptions = {},
  ) {
    super(options.detail ?? catalogue[code].detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.issues = options.issues;
    this.retryAfterMs = options.retryAfterMs;
    this.extension = options.extension;
  }

  get kind(): ErrorKind {
    return catalogue[this.code].kind;
  }

  get retryable(): boolean {
    return catalogue[this.code].retryable;
  }

  /** HTTP status. */
  get status(): number {
    return statusOfKind[this.kind];
  }

  /** Any thrown value as an AppError: itself, or `internal_error` with the value as cause. */
  static from(thrown: unknown): AppError {
    return thrown instanceof AppError ? thrown : new AppError('internal_error', { cause: thrown });
  }
}
