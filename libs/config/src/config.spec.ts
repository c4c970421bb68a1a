import { Test } from '@nestjs/testing';
import { z } from 'zod';
import { ConfigModule } from './config.module';
import { renderConfigurationDocs } from './documentation';
import { environmentWithDefaults } from './environment';
import { ConfigError, loadConfig } from './load';
import { defineSlice, type Environment } from './slice';
import { allowsDevIssuer, AuthConfig, hasTokenKey } from './slices/auth.config';
import { DatabaseConfig } from './slices/database.config';
import { FileAccessConfig } from './slices/file-access.config';
import { HttpConfig } from './slices/http.config';
import { LimitsConfig } from './slices/limits.config';
import { LogConfig } from './slices/log.config';
import { MediaConfig } from './slices/media.config';
import { MessagingConfig } from './slices/messaging.config';
import { NatsConfig } from './slices/nats.config';
import { PresenceConfig } from './slices/presence.config';
import { RealtimeConfig } from './slices/realtime.config';
import { RedisConfig } from './slices/redis.config';
import { StandaloneConfig } from './slices/standalone.config';

const secret = 'a-secret-that-nobody-may-ever-read-in-a-log';

/** What is wrong with an environment: variable and message. */
function problemsOf(load: () => unknown): string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ variable, message }) => `${variable} ${message}`);
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('needs nothing but a key for tokens', () => {
    const slices = [HttpConfig, AuthConfig, DatabaseConfig, NatsConfig, RedisConfig, MessagingConfig] as const;
    const config = loadConfig([...slices, RealtimeConfig, LogConfig, StandaloneConfig], { JWT_SECRET: secret });
    expect(config.http).toEqual({
      host: '127.0.0.1',
      port: 8000,
      corsOrigins: [],
      trustProxy: false,
      headersTimeoutMs: 10_000,
      bodyTimeoutMs: 30_000,
    });
    expect(config.auth).toMatchObject({ jwtSecret: secret, jwksUrl: undefined, devIssuer: false });
    expect(config.nats).toMatchObject({ url: 'nats://127.0.0.1:4222', subjectPrefix: '' });
    expect(config.redis).toEqual({ url: 'redis://127.0.0.1:6379', keyPrefix: 'parley' });
    expect(config.realtime).toMatchObject({ drainSeconds: 5, maxFrameBytes: 1_048_576, maxBufferedBytes: 4_194_304 });
    expect([config.log.level, config.standalone.dataDir, config.messaging.maxMessageLength]).toEqual([
      'info',
      '.data',
      5000,
    ]);
  });

  it('lists all problems of all slices at once and never a value', () => {
    const load = (): unknown =>
      loadConfig([HttpConfig, AuthConfig, DatabaseConfig, LogConfig], {
        PORT: '80a',
        TRUST_PROXY: 'maybe',
        JWT_JWKS_URL: 'hunter2',
        DATABASE_URL: 'mysql://root:hunter2@db/parley',
        DATABASE_POOL_MAX: '1',
        LOG_LEVEL: 'hunter2',
      });
    expect(problemsOf(load)).toEqual([
      'PORT must be a whole number from 0 to 65535',
      'TRUST_PROXY must be true, false, 1, 0, on or off',
      'JWT_JWKS_URL must be a URL that starts with https:// or http://',
      'DATABASE_URL must be a URL that starts with postgresql:// or postgres://',
      'DATABASE_POOL_MAX must be a whole number from 2 to 1000',
      'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent',
    ]);
    expect(load).toThrow(/PORT.*\n.*TRUST_PROXY/);
    expect(load).not.toThrow(/hunter2/);
  });

  it.each<[Parameters<typeof loadConfig>[0][number], Environment, string[]]>([
    [
      MediaConfig,
      { MEDIA_STORAGE: 's3', CLAMAV_URL: 'http://x', S3_BUCKET: 'files' },
      [
        'CLAMAV_URL must be a URL that starts with tcp://',
        'S3_ACCESS_KEY_ID is required with MEDIA_STORAGE=s3',
        'S3_SECRET_ACCESS_KEY is required with MEDIA_STORAGE=s3',
      ],
    ],
    [
      AuthConfig,
      { NODE_ENV: 'production', JWT_SECRET: 'short', JWT_JWKS_URL: 'nope', AUTH_DEV_ISSUER: 'on' },
      [
        'JWT_JWKS_URL must be a URL that starts with https:// or http://',
        'JWT_SECRET must have at least 32 bytes in production',
        'AUTH_DEV_ISSUER is not allowed in production: it signs tokens for anybody',
      ],
    ],
    [
      PresenceConfig,
      { PRESENCE_LEASE_MS: '1000', PRESENCE_REFRESH_MS: '900', TYPING_EXPIRY_MS: 'x' },
      [
        'TYPING_EXPIRY_MS must be a whole number from 100 to 60000',
        'PRESENCE_REFRESH_MS must be at most half of PRESENCE_LEASE_MS',
      ],
    ],
    [
      RealtimeConfig,
      { WS_LATE_BUFFERED_BYTES: '65536', WS_MAX_BUFFERED_BYTES: '65536', DRAIN_SECONDS: '-' },
      [
        'DRAIN_SECONDS must be a whole number from 0 to 3600',
        'WS_LATE_BUFFERED_BYTES must be less than WS_MAX_BUFFERED_BYTES',
      ],
    ],
    [
      FileAccessConfig,
      { NODE_ENV: 'production', MEDIA_SECRET: 'short', MEDIA_URL: 'nope' },
      [
        'MEDIA_URL must be a URL that starts with http:// or https://',
        'MEDIA_SECRET must have at least 32 bytes in production',
      ],
    ],
  ])('judges rules over several variables beside one that is malformed (%#)', (slice, env, problems) => {
    expect(problemsOf(() => loadConfig([slice], env))).toEqual(problems);
  });

  it.each<[Parameters<typeof loadConfig>[0][number], Environment, string]>([
    [AuthConfig, { JWT_JWKS_URL: 'nope' }, 'JWT_JWKS_URL must be a URL that starts with https:// or http://'],
    [
      PresenceConfig,
      { PRESENCE_LEASE_MS: 'x', PRESENCE_REFRESH_MS: '900' },
      'PRESENCE_LEASE_MS must be a whole number from 100 to 3600000',
    ],
    [MediaConfig, { MEDIA_STORAGE: 'tape' }, 'MEDIA_STORAGE must be disk or s3'],
    [FileAccessConfig, { NODE_ENV: 'production' }, 'MEDIA_SECRET is required'],
  ])('says nothing more of a variable that is malformed or missing (%#)', (slice, env, problem) => {
    expect(problemsOf(() => loadConfig([slice], env))).toEqual([problem]);
  });

  it('lets an error in a rule through', () => {
    const Own = defineSlice('own', {}, () => {
      throw new RangeError('a mistake in the rule');
    });
    expect(() => loadConfig([Own], {})).toThrow(RangeError);
  });

  it.each(['', '   '])('takes an empty variable (%j) for an unset one', (empty) => {
    expect(loadConfig([HttpConfig], { PORT: empty, HOST: empty }).http).toMatchObject({
      host: '127.0.0.1',
      port: 8000,
    });
  });

  it.each([
    ['true', true],
    ['1', true],
    ['ON', true],
    ['False', false],
    ['0', false],
    ['off', false],
  ])('reads %s as %s', (text, value) => {
    expect(loadConfig([HttpConfig], { TRUST_PROXY: text }).http.trustProxy).toBe(value);
  });

  it.each(['1e3', '0x10', '8000.5', '-1', '65536', ' '.repeat(3) + '٣'])('refuses %j as a port', (text) => {
    expect(problemsOf(() => loadConfig([HttpConfig], { PORT: text }))).toHaveLength(1);
  });

  it('reads lists', () => {
    const { corsOrigins } = loadConfig([HttpConfig], { CORS_ORIGINS: 'https://a.example, ,https://b.example,' }).http;
    expect(corsOrigins).toEqual(['https://a.example', 'https://b.example']);
  });

  it('gives values that nobody can change', () => {
    const { http } = loadConfig([HttpConfig], {});
    expect(() => Object.assign(http, { port: 1 })).toThrow(TypeError);
  });

  it('says which required variable is missing', () => {
    const Own = defineSlice('own', { name: { env: 'OWN_NAME', schema: z.string(), required: true, description: '' } });
    expect(problemsOf(() => loadConfig([Own], {}))).toEqual(['OWN_NAME is required']);
  });
});

describe('RedisConfig', () => {
  it.each<[Environment, string]>([
    [{ REDIS_HOST: 'cache' }, 'redis://cache:6379'],
    [{ REDIS_PORT: '6380' }, 'redis://127.0.0.1:6380'],
    [{ REDIS_HOST: 'cache', REDIS_PORT: '6380' }, 'redis://cache:6380'],
    [{ REDIS_URL: 'rediss://tls:1', REDIS_HOST: 'cache' }, 'rediss://tls:1'],
  ])('makes of %j the URL %s', (env, url) => {
    expect(loadConfig([RedisConfig], env).redis.url).toBe(url);
  });

  it('names the variables that a bad URL was built from', () => {
    expect(problemsOf(() => loadConfig([RedisConfig], { REDIS_PORT: 'x' }))).toEqual([
      'REDIS_HOST, REDIS_PORT must be a URL that starts with redis:// or rediss://',
    ]);
  });
});

describe('NatsConfig', () => {
  it.each(['acme', 'acme.chat', 'ACME_1.chat-2'])('takes %s as the prefix of subjects', (prefix) => {
    expect(loadConfig([NatsConfig], { NATS_SUBJECT_PREFIX: prefix }).nats.subjectPrefix).toBe(prefix);
  });

  it.each(['acme.', '.acme', 'acme..chat', 'acme.*', 'acme chat'])('refuses %j as the prefix of subjects', (prefix) => {
    expect(problemsOf(() => loadConfig([NatsConfig], { NATS_SUBJECT_PREFIX: prefix }))).toEqual([
      'NATS_SUBJECT_PREFIX must be words of A-Z, a-z, 0-9, _ and -, joined by dots',
    ]);
  });
});

describe('AuthConfig', () => {
  const load = (env: Environment) => loadConfig([AuthConfig], env).auth;
  const jwks = 'https://project.supabase.co/auth/v1/.well-known/jwks.json';

  it.each<[string, Environment, string | undefined]>([
    ['takes the keys of a Supabase project', { SUPABASE_URL: 'https://project.supabase.co/' }, jwks],
    [
      'prefers a JWKS that is named',
      { SUPABASE_URL: 'https://x.y', JWT_JWKS_URL: 'https://idp/keys' },
      'https://idp/keys',
    ],
    ['prefers a secret that is named', { SUPABASE_URL: 'https://x.y', JWT_SECRET: secret }, undefined],
  ])('%s', (_, env, url) => {
    expect(load(env).jwksUrl).toBe(url);
  });

  it.each<[string, Environment, string]>([
    ['no key at all', {}, 'JWT_SECRET is required, unless JWT_JWKS_URL or SUPABASE_URL is set'],
    [
      'two keys',
      { JWT_SECRET: secret, JWT_JWKS_URL: 'https://idp/keys' },
      'JWT_SECRET excludes JWT_JWKS_URL: set only one of them',
    ],
    [
      'a development issuer without a secret',
      { SUPABASE_URL: 'https://project.supabase.co', AUTH_DEV_ISSUER: 'on' },
      'AUTH_DEV_ISSUER needs JWT_SECRET: it signs with it',
    ],
    [
      'a short secret in production',
      { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(31) },
      'JWT_SECRET must have at least 32 bytes in production',
    ],
    [
      'a development issuer in production',
      { NODE_ENV: 'production', JWT_SECRET: secret, AUTH_DEV_ISSUER: 'true' },
      'AUTH_DEV_ISSUER is not allowed in production: it signs tokens for anybody',
    ],
  ])('refuses %s', (_, env, problem) => {
    expect(problemsOf(() => load(env))).toEqual([problem]);
  });

  it('lets development have a short secret and the issuer', () => {
    expect(load({ JWT_SECRET: 'dev', AUTH_DEV_ISSUER: '1' })).toMatchObject({ jwtSecret: 'dev', devIssuer: true });
  });

  it('counts a secret in bytes', () => {
    expect(load({ NODE_ENV: 'production', JWT_SECRET: 'ü'.repeat(16) }).jwtSecret).toHaveLength(16);
  });
});

describe('allowsDevIssuer', () => {
  it.each<[Environment, boolean]>([
    [{}, true],
    [{ JWT_SECRET: 'dev' }, true],
    [{ NODE_ENV: 'production' }, false],
    [{ JWT_JWKS_URL: 'https://idp/keys' }, false],
    [{ SUPABASE_URL: 'https://project.supabase.co' }, false],
  ])('answers for %j: %s', (env, allowed) => {
    expect(allowsDevIssuer(env)).toBe(allowed);
  });
});

describe('hasTokenKey', () => {
  it.each<[Environment, boolean]>([
    [{ JWT_SECRET: ' ' }, false],
    [{ JWT_SECRET: 'dev' }, true],
    [{ SUPABASE_URL: 'https://project.supabase.co' }, true],
  ])('answers for %j: %s', (env, has) => {
    expect(hasTokenKey(env)).toBe(has);
  });
});

describe('environmentWithDefaults', () => {
  it('fills what is unset or empty and leaves the rest', () => {
    const env = environmentWithDefaults({ A: 'default', B: 'default', C: 'default' }, { A: 'own', B: ' ', D: 'own' });
    expect(env).toEqual({ A: 'own', B: 'default', C: 'default', D: 'own' });
  });
});

describe('ConfigModule', () => {
  it('injects the values of its slices', async () => {
    const module = await Test.createTestingModule({
      imports: [ConfigModule.forRoot([HttpConfig], { PORT: '1234' })],
    }).compile();
    expect(module.get<HttpConfig>(HttpConfig.token).port).toBe(1234);
    await module.close();
  });

  it('refuses a bad environment before anything is built', () => {
    expect(() => ConfigModule.forRoot([HttpConfig, LogConfig], { PORT: '-', LOG_LEVEL: 'loud' })).toThrow(ConfigError);
  });
});

describe('renderConfigurationDocs', () => {
  it('has a row for every variable of every slice, with its default', () => {
    const slices = [
      HttpConfig,
      AuthConfig,
      DatabaseConfig,
      NatsConfig,
      RedisConfig,
      MessagingConfig,
      RealtimeConfig,
      LimitsConfig,
      LogConfig,
      StandaloneConfig,
    ];
    const documentation = renderConfigurationDocs();
    for (const { variables } of slices) {
      for (const { env } of Object.values(variables)) expect(documentation).toContain(`| \`${env}\` |`);
    }
    expect(documentation).toMatch(/^\| `PORT` +\| `8000` +\| .+\|$/m);
  });

  it.each(['JWT_SECRET', 'AUTH_DEV_ISSUER', 'MEDIA_SECRET'])('tells which commands supply %s', (env) => {
    const row = renderConfigurationDocs().match(new RegExp(`^\\| \`${env}\` .*$`, 'm'))?.[0];
    expect(row).toContain('`npm start` and `npm run cluster`');
  });

  it('names all that the standalone server keeps in its directory', () => {
    const row = StandaloneConfig.variables['dataDir']?.description;
    for (const kept of ['password', '`JWT_SECRET`', '`MEDIA_SECRET`']) expect(row).toContain(kept);
  });
});
