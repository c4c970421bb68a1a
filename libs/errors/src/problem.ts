import type { AppError, Issue } from './app-error';
import { catalogue, type ErrorCode } from './catalogue';

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

/** What the thrower found; else the field that the code stands for. */
function issuesOf({ code, issues, message }: AppError): readonly Issue[] | undefined {
  const { path } = catalogue[code];
  return issues ?? (path === undefined ? undefined : [{ path, message }]);
}

export function toProblem(error: AppError, requestId: string): Problem {
  const errors = issuesOf(error);
  return {
    ...error.extension,
    type: `urn:parley:error:${error.code}`,
    title: title(error.code),
    status: error.status,
    detail: error.message,
    code: error.code,
    retryable: error.retryable,
    request_id: requestId,
    ...(errors ? { errors } : {}),
  };
}
