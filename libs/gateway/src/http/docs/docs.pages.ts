import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { createOpenApiDocument } from './openapi.document';

/** Serves `/openapi.json` and Swagger UI at `/docs`, from the package's own files. The document is made when first asked for. */
export function serveDocs(app: NestFastifyApplication): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= createOpenApiDocument(app)), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Parley API',
    // The badge would send the document's address to its maker's validator.
    swaggerOptions: { validatorUrl: null },
  });
}
