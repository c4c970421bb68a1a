import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { version } from '../../../package.json';
import { ProblemSchema } from './problem.schema';

const description = `Conversations and messages for your own users.

Every call but those of the health and docs routes needs \`Authorization: Bearer <JWT>\` of your issuer. Times are UTC, ids
are opaque strings, errors are problem documents (RFC 9457) with a stable \`code\`. Events come over Socket.IO
(\`/socket.io\`) or plain WebSocket (\`/api/ws\`).`;

/** The OpenAPI document of the routes that an application has, made from the schemas that they parse and answer with. */
export function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Parley')
    .setDescription(description)
    .setVersion(version)
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    standardSchemaConverter: toOpenApi,
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  const schemas = { ...document.components?.schemas, Problem: toOpenApi(ProblemSchema)?.schema as object };
  return { ...document, components: { ...document.components, schemas } };
}

/**
 * A zod schema as OpenAPI: always as it is read, also where it describes an answer. What it says of an answer holds, and
 * clients made from it accept the fields that later versions add.
 */
function toOpenApi(schema: unknown) {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { definitions, ...converted } = z.toJSONSchema(schema, { io: 'input', target: 'openapi-3.0' });
  return { schema: converted, components: definitions ?? {} };
}
