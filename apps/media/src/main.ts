import 'reflect-metadata';
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ConfigModule, HttpConfig, loadConfig, LogConfig } from '@parley/config';
import { createLogger, exitWithFailure, HealthModule, NestLogger, Readiness } from '@parley/observability';

const slices = [HttpConfig, LogConfig] as const;

/**
 * The process that will own files and their bytes. It owns nothing yet: it starts, answers `/health` on its port, and
 * stops on SIGTERM.
 */
@Module({})
class MediaProcess {}

async function main(): Promise<void> {
  const { http, log } = loadConfig(slices);
  Logger.overrideLogger(new NestLogger(createLogger({ level: log.level, name: 'media' })));
  const imports = [ConfigModule.forRoot(slices), HealthModule.forRoot()];
  const app = await NestFactory.create({ module: MediaProcess, imports }, new FastifyAdapter(), {
    abortOnError: false,
  });
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await app.listen(http.port, http.host);
  app.get(Readiness).started();
}

main().catch(exitWithFailure);
