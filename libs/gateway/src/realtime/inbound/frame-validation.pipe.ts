import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { AppError, type Issue } from '@parley/errors';

type Schema = NonNullable<ArgumentMetadata['schema']>;
type Outcome = Awaited<ReturnType<Schema['~standard']['validate']>>;

/** Issues that are told of one frame. */
const maxIssues = 20;

/** Checks a frame against the schema that its handler names: `@Frame(schema)`. */
@Injectable()
export class FrameValidationPipe implements PipeTransform {
  /** @throws AppError `validation_failed` */
  transform(value: unknown, { schema }: ArgumentMetadata): unknown {
    if (!schema) return value;
    const outcome = validate(schema, value);
    return outcome instanceof Promise ? outcome.then(accept, refuseDeep) : accept(outcome);
  }
}

function validate(schema: Schema, value: unknown): Outcome | Promise<Outcome> {
  try {
    return schema['~standard'].validate(value);
  } catch (error) {
    return refuseDeep(error);
  }
}

function accept(outcome: Outcome): unknown {
  if (!outcome.issues) return outcome.value;
  throw new AppError('validation_failed', { issues: outcome.issues.slice(0, maxIssues).map(toIssue) });
}

/** What is nested so deeply that looking through it overflows the stack is the client's fault, not ours. */
function refuseDeep(error: unknown): never {
  if (!(error instanceof RangeError)) throw error;
  throw new AppError('validation_failed', { detail: 'The request is nested too deeply', cause: error });
}

function toIssue({ path = [], message }: NonNullable<Outcome['issues']>[number]): Issue {
  const segments = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  return { path: segments.join('.'), message };
}
