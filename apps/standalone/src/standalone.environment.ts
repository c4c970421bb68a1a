import {
  allowsDevIssuer,
  AuthConfig,
  DatabaseConfig,
  type Environment,
  environmentWithDefaults,
  hasTokenKey,
  HttpConfig,
  loadConfig,
  LogConfig,
  MessagingConfig,
  RealtimeConfig,
  StandaloneConfig,
  systemEnvironment,
} from '@parley/config';
import path from 'node:path';
import { keptSecret } from './standalone.secret';

/** All that the process reads. */
export const standaloneSlices = [
  HttpConfig,
  AuthConfig,
  DatabaseConfig,
  MessagingConfig,
  RealtimeConfig,
  LogConfig,
  StandaloneConfig,
] as const;

export interface StandaloneEnvironment {
  /** Absolute. */
  readonly dataDir: string;
  /** The operator's variables, with what `npm start` supplies where they are unset. */
  readonly env: Environment;
  /** An operator's own PostgreSQL; undefined when the embedded one is wanted. */
  readonly databaseUrl: string | undefined;
}

/** Supplies what an operator need not: the secret of tokens and, outside of production, their issuer. */
export async function standaloneEnvironment(given: Environment = systemEnvironment()): Promise<StandaloneEnvironment> {
  const dataDir = path.resolve(loadConfig([StandaloneConfig], given).standalone.dataDir);
  const env = environmentWithDefaults(
    {
      ...(hasTokenKey(given) ? {} : { JWT_SECRET: await keptSecret(dataDir) }),
      AUTH_DEV_ISSUER: String(allowsDevIssuer(given)),
    },
    given,
  );
  return { dataDir, env, databaseUrl: env['DATABASE_URL']?.trim() || undefined };
}
