import type { ErrorCode } from '@parley/errors';
import type { z } from 'zod';
import { type KindCheck, kindCheckOf } from './kinds';
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
   * Calls that have one are answered together for less: one replica gets them all while it can take them. What calls have
   * in common that should go to the same replica, also when they are shared. A hint: who answers must not rely on it.
   */
  affinity?(request: z.infer<Request>): string;
  /** The last field of the response, where that is passed on as it is written. */
  readonly rawField?: RawField | undefined;
  /**
   * Both ends are ours, and see to it that what they say fits: who gets it checks the kinds of its fields only. For what is
   * asked for each message.
   */
  readonly isTrusted?: boolean;
  /** Whether a request or a response is of the kinds that its schema names; of trusted contracts. */
  readonly kinds?: { readonly request: KindCheck; readonly response: KindCheck } | undefined;
}

export type RequestOf<R extends Rpc> = z.infer<R['request']>;
export type ResponseOf<R extends Rpc> = z.infer<R['response']>;

export function defineRpc<Request extends z.ZodType, Response extends z.ZodType>(
  rpc: Rpc<Request, Response>,
): Rpc<Request, Response> {
  const { request, response, isTrusted = false } = rpc;
  const kinds = isTrusted ? { request: kindCheckOf(request), response: kindCheckOf(response) } : undefined;
  return Object.freeze({ ...rpc, rawField: rawFieldOf(response), kinds });
}
