import type { ErrorCode } from '@parley/errors';
import type { z } from 'zod';
import { type RawField, rawFieldOf } from './raw.json';

/** A question that one service answers: where it is asked, both shapes, what can go wrong, how long to wait. */
export interface Rpc<Request extends z.ZodType = z.ZodType, Response extends z.ZodType = z.ZodType> {
  /** `<service>.<noun>.<verb>`; the first word is the service, and its queue group. */
  readonly subject: string;
  readonly request: Request;
  readonly response: Response;
  /** The catalogue's codes that the answer may carry, beside `service_unavailable` and `internal_error`. */
  readonly errors: readonly ErrorCode[];
  /** How long the caller waits, in milliseconds. The handler learns the deadline and starts nothing after it. */
  readonly timeoutMs: number;
  /**
   * What calls have in common that one and the same replica should answer where there are several at a time, because it
   * answers them together for less. A hint: who answers must not rely on it.
   */
  affinity?(request: z.infer<Request>): string;
  /** The last field of the response, where that is passed on as it is written. */
  readonly rawField?: RawField | undefined;
}

export type RequestOf<R extends Rpc> = z.infer<R['request']>;
export type ResponseOf<R extends Rpc> = z.infer<R['response']>;

export function defineRpc<Request extends z.ZodType, Response extends z.ZodType>(
  rpc: Rpc<Request, Response>,
): Rpc<Request, Response> {
  return Object.freeze({ ...rpc, rawField: rawFieldOf(rpc.response) });
}
