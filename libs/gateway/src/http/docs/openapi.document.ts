import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { catalogue, type ErrorCode } from '@parley/errors';
import { z } from 'zod';
import { version } from '../../../package.json';
import { type Definitions, type JsonSchema, SchemaBook } from './json.schema';
import { problemExampleOf, ProblemSchema } from './problem.schema';
import { exampleOf } from './schema.example';

const description = `Conversations and messages for your own users.

Every call needs \`Authorization: Bearer <JWT>\` of your issuer, but for those of the health and docs routes, downloads by
signed links, and \`POST /api/auth/dev-token\`, which is there in development only. Times are UTC, ids are opaque strings,
errors are problem documents (RFC 9457) with a stable \`code\`. Events come over Socket.IO (\`/socket.io\`) or plain
WebSocket (\`/api/ws\`): [\`/docs/events\`](/docs/events) has them all.

Lists are read to their end with \`cursor\`, the \`next_cursor\` of the page before. Parameters of a query and fields of a body
that a call does not know are ignored, so that a misspelt one is as good as none.`;

/** Marks the schema of a body, until the document is complete. */
const mayBeAbsent = 'x-optional';

interface Content {
  schema?: JsonSchema;
  example?: unknown;
  examples?: object;
}

interface Body {
  required?: boolean;
  readonly content?: Readonly<Record<string, Content>>;
}

interface Operation {
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body>>;
}

/** The OpenAPI document of the routes that an application has, made from the schemas that they parse and answer with. */
export function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Parley')
    .setDescription(description)
    .setVersion(version)
    .addBearerAuth()
    .build();
  const book = new SchemaBook();
  const document = SwaggerModule.createDocument(app, config, {
    standardSchemaConverter: (schema) => (schema instanceof z.ZodType ? { schema: convert(schema, book) } : undefined),
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  book.definitions['Problem'] = book.add(ProblemSchema);
  for (const methods of Object.values(document.paths)) {
    for (const operation of Object.values(methods) as Operation[]) complete(operation, book.definitions);
  }
  const examples = Object.keys(catalogue).map(
    (code) => [code, { value: problemExampleOf(code as ErrorCode) }] as const,
  );
  const components = {
    ...document.components,
    schemas: book.definitions,
    examples: Object.fromEntries(examples),
  } as NonNullable<OpenAPIObject['components']>;
  return { ...document, components };
}

function convert(schema: z.ZodType, book: SchemaBook): JsonSchema {
  const converted = book.add(schema);
  return schema.safeParse(undefined).success ? { ...converted, [mayBeAbsent]: true } : converted;
}

/** Adds what Nest does not tell of an operation: that a body may be left out, and examples. */
function complete({ requestBody, responses }: Operation, definitions: Definitions): void {
  const bodies = [requestBody, ...Object.values(responses)].flatMap((body) => Object.entries(body?.content ?? {}));
  if (requestBody) settleNeed(requestBody);
  for (const [type, content] of bodies) {
    if (type === 'multipart/form-data' || !content.schema || content.examples !== undefined) continue;
    content.example = exampleOf(content.schema, definitions);
  }
}

/** A body that may be left out may be `null`, too, for which the document has no need. */
function settleNeed(body: Body): void {
  for (const content of Object.values(body.content ?? {})) {
    const { [mayBeAbsent]: isOptional, ...schema } = content.schema ?? {};
    if (isOptional !== true) continue;
    const options = schema.anyOf ?? [schema];
    body.required = false;
    content.schema = options[0] ?? schema;
  }
}
