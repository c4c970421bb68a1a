import type { Rpc } from '@parley/contracts';
import { AppError, isErrorCode, type Issue } from '@parley/errors';

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

/** Who waits for the answer to a call. */
export interface Caller {
  resolve(response: unknown): void;
  reject(error: AppError): void;
}

/**
 * Gives a caller the response that an answer holds, or the AppError: the one that the service answered with
 * (`internal_error` for a code that this process does not know: the service may be newer), or `internal_error` when the
 * response does not fit the contract.
 *
 * @param isStrict whether the response of a trusted contract is checked as all others are.
 */
export function give(caller: Caller, rpc: Rpc, answer: AnswerEnvelope, isStrict = false): void {
  if (!answer.ok) caller.reject(toAppError(rpc, answer.error));
  else if (!isStrict && rpc.kinds?.response(answer.d)) caller.resolve(answer.d);
  else {
    const parsed = rpc.response.safeParse(answer.d);
    if (parsed.success) caller.resolve(parsed.data);
    else caller.reject(misfit(rpc, parsed.error));
  }
}

function misfit({ subject }: Rpc, cause: Error): AppError {
  return new AppError('internal_error', {
    cause: new Error(`The answer of ${subject} does not fit its contract`, { cause }),
  });
}

function toAppError(rpc: Rpc, error: ErrorEnvelope): AppError {
  const { code, detail, issues, retryAfterMs } = error;
  if (isErrorCode(code)) return new AppError(code, { detail, issues, retryAfterMs });
  return new AppError('internal_error', { cause: new Error(`${rpc.subject} answered with the unknown code ${code}`) });
}
