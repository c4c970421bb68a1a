import type { Problem } from '@parley/errors';
import { catalogue, type ErrorCode } from '@parley/errors';
import { z } from 'zod';

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
}) satisfies z.ZodType<unknown, Problem>;

export const problemReference = { $ref: '#/components/schemas/Problem' };
