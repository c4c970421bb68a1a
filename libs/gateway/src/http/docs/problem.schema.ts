import { limitTypes } from '@parley/config';
import { AppError, catalogue, type ErrorCode, type Issue, type Problem, toProblem } from '@parley/errors';
import { z } from 'zod';

/** What the problem of a limit that was reached has besides. */
const limitSchemas = {
  error: z.string().exactOptional(),
  message: z.string().exactOptional(),
  rate_limit_info: z
    .object({
      limit_type: z.enum(limitTypes),
      current_count: z.number().int(),
      limit: z.number().int(),
      window: z.number().int(),
      reset_time: z.number().int(),
      remaining: z.number().int(),
    })
    .exactOptional(),
  retry_after: z.number().int().exactOptional(),
};

/** The problem document (RFC 9457) as the docs show it. */
export const ProblemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.enum(Object.keys(catalogue) as ErrorCode[]),
  retryable: z.boolean(),
  request_id: z.string(),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .readonly()
    .exactOptional(),
  ...limitSchemas,
}) satisfies z.ZodType<unknown, Problem>;

const exampleRequestId = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const exampleIssues: readonly Issue[] = [{ path: 'content', message: 'must not be empty' }];

/** What a client sees of an error, for example. */
export function problemExampleOf(code: ErrorCode): Problem {
  const error = new AppError(code, code === 'validation_failed' ? { issues: exampleIssues } : {});
  return toProblem(error, exampleRequestId);
}

export const problemReference = { $ref: '#/components/schemas/Problem' };
