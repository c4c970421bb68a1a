import { AppError, type Issue } from '@parley/errors';
import type { z } from 'zod';

/** Issues that are told of one frame. */
const maxIssues = 20;

/** What a client said, as its schema reads it. @throws AppError `validation_failed`. */
export function parseFrame<Schema extends z.ZodType>(schema: Schema, payload: unknown): z.infer<Schema> {
  const parsed = safeParse(schema, payload);
  if (parsed.success) return parsed.data;
  throw new AppError('validation_failed', { issues: parsed.error.issues.slice(0, maxIssues).map(toIssue) });
}

function safeParse<Schema extends z.ZodType>(schema: Schema, payload: unknown) {
  try {
    return schema.safeParse(payload);
  } catch (cause) {
    // What is nested so deeply that looking through it overflows the stack is the client's fault, not ours.
    if (!(cause instanceof RangeError)) throw cause;
    throw new AppError('validation_failed', { detail: 'The request is nested too deeply', cause });
  }
}

function toIssue({ path, message }: z.core.$ZodIssue): Issue {
  return { path: path.map(String).join('.'), message };
}
