import {
  allowsDevIssuer,
  AuthConfig,
  DatabaseConfig,
  type Environment,
  environmentWithDefaults,
  FileAccessConfig,
  hasTokenKey,
  HttpConfig,
  LimitsConfig,
  loadConfig,
  LogConfig,
  MediaConfig,
  MessagingConfig,
  PresenceConfig,
  RealtimeConfig,
  StandaloneConfig,
  systemEnvironment,
} from '@parley/config';
import path from 'node:path';
import { folderFailure, makeFolder } from './standalone.folder';
import { keptSecret } from './standalone.secret';

/** All that the process reads. */
export const standaloneSlices = [
  HttpConfig,
  AuthConfig,
  DatabaseConfig,
  MessagingConfig,
  FileAccessConfig,
  MediaConfig,
  RealtimeConfig,
  PresenceConfig,
  LimitsConfig,
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

/**
 * Supplies what an operator need not: the secrets of tokens and of links to files and, outside of production, the issuer of tokens.
 *
 * @throws StartFailure where the data directory cannot be used.
 */
export async function standaloneEnvironment(given: Environment = systemEnvironment()): Promise<StandaloneEnvironment> {
  const dataDir = path.resolve(loadConfig([StandaloneConfig], given).standalone.dataDir);
  const secrets = await secretsIn(dataDir, given);
  const env = environmentWithDefaults({ ...secrets, AUTH_DEV_ISSUER: String(allowsDevIssuer(given)) }, given);
  return { dataDir, env, databaseUrl: env['DATABASE_URL']?.trim() || undefined };
}

async function secretsIn(dataDir: string, given: Environment): Promise<Record<string, string>> {
  try {
    await makeFolder(dataDir);
    return {
      ...(hasTokenKey(given) ? {} : { JWT_SECRET: await keptSecret(dataDir) }),
      MEDIA_SECRET: await keptSecret(dataDir, 'media-secret'),
    };
  } catch (error) {
    throw folderFailure(dataDir, error);
  }
}
