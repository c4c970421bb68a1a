import type { ResponseOf, Rpc } from '@parley/contracts';
import { AppError, isErrorCode, type Issue } from '@parley/errors';

/** A request on the wire. */
export interface RequestEnvelope {
  readonly d: unknown;
  /** Milliseconds since the epoch. */
  readonly deadlineAt: number;
  readonly requestId: string;
}

/** A request that shares a message with others: `i` tells which one an answer is for. */
export interface NumberedRequest extends RequestEnvelope {
  readonly i: number;
  /** By the caller's clock, as `deadlineAt`: milliseconds since the epoch. */
  readonly sentAt: number;
  /** 0, and one more each time that the caller finds its clock to be another one than those who answer think. */
  readonly clock: number;
}

export function isNumberedRequest(value: unknown): value is NumberedRequest {
  if (typeof value !== 'object' || value === null) return false;
  const { i, sentAt, clock, deadlineAt, requestId } = value as Partial<NumberedRequest>;
  const numbers = [i, sentAt, clock, deadlineAt];
  return numbers.every((each) => typeof each === 'number') && typeof requestId === 'string';
}

/** An error on the wire: the code crosses, the cause stays in the logs of the service. */
export interface ErrorEnvelope {
  readonly code: string;
  readonly detail: string;
  readonly issues?: readonly Issue[];
  readonly retryAfterMs?: number;
  /** The request came after its deadline: nothing of it was begun. */
  readonly isLate?: true;
}

/** An answer on the wire. */
export type AnswerEnvelope =
  { readonly ok: true; readonly d: unknown } | { readonly ok: false; readonly error: ErrorEnvelope };

/** Tells an answer of ours from anything else that may come over the broker. */
export function isAnswer(value: unknown): value is AnswerEnvelope {
  if (typeof value !== 'object' || value === null || !('ok' in value)) return false;
  if (value.ok === true) return true;
  const error: unknown = 'error' in value ? value.error : undefined;
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
}

export function failure(error: AppError): AnswerEnvelope {
  const { code, message: detail, issues, retryAfterMs } = error;
  return {
    ok: false,
    error: { code, detail, ...(issues && { issues }), ...(retryAfterMs !== undefined && { retryAfterMs }) },
  };
}

/** What a request is answered with that comes after its deadline. */
export function refusedAsLate(): AnswerEnvelope {
  const { code, message: detail } = new AppError('service_unavailable');
  return { ok: false, error: { code, detail, isLate: true } };
}

/**
 * The response that an answer holds.
 *
 * @throws AppError the one that the service answered with (`internal_error` for a code that this process does not know:
 *   the service may be newer), or `internal_error` when the response does not fit the contract.
 */
export function responseOf<R extends Rpc>(rpc: R, answer: AnswerEnvelope): ResponseOf<R> {
  if (!answer.ok) throw toAppError(rpc, answer.error);
  const parsed = rpc.response.safeParse(answer.d);
  if (parsed.success) return parsed.data as ResponseOf<R>;
  throw new AppError('internal_error', {
    cause: new Error(`The answer of ${rpc.subject} does not fit its contract`, { cause: parsed.error }),
  });
}

function toAppError(rpc: Rpc, error: ErrorEnvelope): AppError {
  const { code, detail, issues, retryAfterMs } = error;
  if (isErrorCode(code)) return new AppError(code, { detail, issues, retryAfterMs });
  return new AppError('internal_error', { cause: new Error(`${rpc.subject} answered with the unknown code ${code}`) });
}
