import { type ArgumentMetadata, Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { AppError, type Issue } from '@parley/errors';

type SchemaIssues = Parameters<StandardSchemaValidationPipe['exceptionFactory']>[0];

/** How many issues an answer names: a long list with a mistake in every item tells no more. */
const maxIssues = 50;

/** Parses bodies, queries and parameters by the schema that their decorator names; a mistake is `validation_failed`. */
@Injectable()
export class SchemaPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => new AppError('validation_failed', { issues: toIssues(issues) }) });
  }

  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    if (value === undefined && metadata.type === 'body' && (await isNeeded(metadata))) {
      throw new AppError('malformed_request', { detail: 'The request has no body' });
    }
    return super.transform(value, metadata);
  }

  /**
   * Leaves the value as it was sent. Nest would delete keys called `constructor` and `prototype`, which a client's own
   * `metadata` may have; `__proto__` is refused when a body is read.
   */
  protected override stripProtoKeys(): void {}
}

async function isNeeded({ schema }: ArgumentMetadata): Promise<boolean> {
  return schema !== undefined && (await schema['~standard'].validate(undefined)).issues !== undefined;
}

function toIssues(issues: SchemaIssues): Issue[] {
  return issues.slice(0, maxIssues).map(({ path = [], message }) => ({
    path: path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.'),
    message,
  }));
}
