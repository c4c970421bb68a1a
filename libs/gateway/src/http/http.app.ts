import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { HttpConfig } from '@parley/config';
import { serveDocs } from './docs/docs.pages';
import { refusalOfPreflight } from './server/foreign.pages';
import { OriginPolicy } from './server/origin.policy';
import { createHttpAdapter } from './server/http.adapter';

/** What scripts of other origins may read of an answer, besides its body, type and length. */
const exposedHeaders = [
  'X-Request-Id',
  'Retry-After',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  // Of files.
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Range',
  'ETag',
];

/** An application that serves REST and the docs, before it is initialised. What fails on the way is thrown. */
export async function createHttpApp(
  rootModule: Type | DynamicModule,
  config: HttpConfig,
): Promise<NestFastifyApplication> {
  const adapter = createHttpAdapter(config);
  const app = await NestFactory.create<NestFastifyApplication>(rootModule, adapter, { abortOnError: false });
  allowOrigins(app, config.corsOrigins);
  serveDocs(app);
  return app;
}

/** Without configured origins, browsers let only pages of this server's own origin read its answers. */
function allowOrigins(app: NestFastifyApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const shared = { methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], exposedHeaders, maxAge: 600 };
  if (origins.includes('*')) return app.enableCors({ ...shared, origin: '*' });
  const policy = new OriginPolicy(origins);
  const options = { ...shared, origin: [...origins] };
  // Left alone, it answers a preflight of another origin like one that succeeds.
  app.enableCors({
    delegator: (request, answer) => answer(refusalOfPreflight(request, policy) ?? null, options),
  });
}
