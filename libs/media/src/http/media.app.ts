import { type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { prepareDrain } from '@parley/observability';
import type { FastifyInstance } from 'fastify';

/** How long one upload may take to arrive, in milliseconds. */
const uploadTimeoutMs = 900_000;
/** How long a connection may be silent, in milliseconds. */
const silenceTimeoutMs = 120_000;

/** An application that gateways ask for bytes, before it listens. Its root module imports MediaHttpModule. */
export async function createMediaApp(rootModule: Type | DynamicModule): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    connectionTimeout: silenceTimeoutMs,
    requestTimeout: uploadTimeoutMs,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 128 },
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  prepareDrain(fastify);
  fastify.removeAllContentTypeParsers();
  // A form is read by whoever keeps its files, and by nobody before.
  fastify.addContentTypeParser('multipart/form-data', (_request, _body, done) => done(null));
  return NestFactory.create<NestFastifyApplication>(rootModule, adapter, { abortOnError: false });
}
