// What all processes of a cluster share: where the backing services are, and the secrets that sign tokens and links.
import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { isReachable } from '../reachable.mjs';

const { env } = process;

function redisUrl() {
  if (env.REDIS_URL) return env.REDIS_URL;
  return `redis://${env.REDIS_HOST || '127.0.0.1'}:${env.REDIS_PORT || 6379}`;
}

/** @returns {Record<string, string | undefined>} the environment of every process, without its PORT */
export function sharedEnvironment() {
  const production = env.NODE_ENV === 'production';
  const dataDir = path.resolve(env.DATA_DIR || '.data');
  const verifies = env.JWT_SECRET || env.JWT_JWKS_URL || env.SUPABASE_URL;
  return {
    ...env,
    HOST: env.HOST || '127.0.0.1',
    NATS_URL: env.NATS_URL || 'nats://127.0.0.1:4222',
    REDIS_URL: redisUrl(),
    DATABASE_URL: env.DATABASE_URL || 'postgresql://postgres@127.0.0.1:5432/parley',
    ...(verifies ? {} : { JWT_SECRET: keptSecret(dataDir, 'jwt-secret') }),
    DATA_DIR: dataDir,
    MEDIA_SECRET: env.MEDIA_SECRET || keptSecret(dataDir, 'media-secret'),
    // Only a secret can sign the tokens that the development issuer gives.
    AUTH_DEV_ISSUER: env.AUTH_DEV_ISSUER || String(!production && (!verifies || Boolean(env.JWT_SECRET))),
  };
}

/** A secret of this data directory, made at the first start: the one that `npm start` uses. */
function keptSecret(dataDir, name) {
  const file = path.join(dataDir, name);
  const draft = `${file}.${randomUUID()}`;
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, 'utf8').trim();
}

/** @returns {Promise<string[]>} a sentence for each backing service that does not answer */
export async function missingServices({ NATS_URL, REDIS_URL, DATABASE_URL }) {
  const [nats, redis, database] = await Promise.all([
    anyReachable(NATS_URL.split(','), 4222),
    isReachable(REDIS_URL, 6379),
    databaseProblem(DATABASE_URL),
  ]);
  return [
    ...(nats ? [] : [`NATS does not answer at ${withoutPassword(NATS_URL)} (NATS_URL).`]),
    ...(redis ? [] : [`Redis does not answer at ${withoutPassword(REDIS_URL)} (REDIS_URL).`]),
    ...(database === undefined
      ? []
      : [`PostgreSQL does not serve ${withoutPassword(DATABASE_URL)} (DATABASE_URL): ${database}`]),
  ];
}

async function anyReachable(urls, defaultPort) {
  const answers = await Promise.all(urls.map((url) => isReachable(url.trim(), defaultPort)));
  return answers.includes(true);
}

const withoutPassword = (urls) => urls.replaceAll(/:\/\/[^/@]*@/g, '://***@');

/** @returns {Promise<string | undefined>} why the database cannot be used */
async function databaseProblem(url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    // The first process that migrates creates a database that is not there yet.
    if (error.code === '3D000') return undefined;
    // A refused connection to several addresses is one AggregateError without a message.
    return error.message || String(error.code);
  } finally {
    await client.end().catch(() => undefined);
  }
}
