import type { AppError, Issue } from './app-error';
import type { ErrorCode } from './catalogue';

/** What clients see of an error: an RFC 9457 problem document, over REST and in acks alike. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly request_id: string;
  readonly errors?: readonly Issue[];
}

const title = (code: ErrorCode): string => code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ');

export function toProblem(error: AppError, requestId: string): Problem {
  return {
    type: `urn:parley:error:${error.code}`,
    title: title(error.code),
    status: error.status,
    detail: error.message,
    code: error.code,
    retryable: error.retryable,
    request_id: requestId,
    ...(error.issues ? { errors: error.issues } : {}),
  };
}
