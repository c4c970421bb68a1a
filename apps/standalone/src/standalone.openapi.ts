import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { HttpConfig, loadConfig } from '@parley/config';
import { createGatewayApp } from '@parley/gateway';
import { StandaloneModule } from './standalone.module';

/** Enough for the modules to be made; nothing is signed with it. */
const env = { JWT_SECRET: 'of no use: the app is never started', MEDIA_SECRET: 'of no use either' };

/** The document that `/openapi.json` serves, for `docs/openapi.json`. The app is made but not started: it opens nothing. */
export async function renderOpenApi(): Promise<string> {
  Logger.overrideLogger(['error']);
  const app = await createGatewayApp(StandaloneModule.forRoot(env), loadConfig([HttpConfig], env).http);
  const { body } = await app.getHttpAdapter().getInstance().inject('/openapi.json');
  return body;
}
