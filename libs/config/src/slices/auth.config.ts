import { type ConfigProblem, defineSlice, type Environment, type SliceOf } from '../slice';
import { isProduction, systemEnvironment } from '../environment';
import { anyText, flag, url } from '../values';

/** As long as the digest of HS256, which RFC 7518 demands of its keys. */
const minSecretBytes = 32;

export const AuthConfig = defineSlice(
  'auth',
  {
    jwtSecret: {
      env: 'JWT_SECRET',
      schema: anyText,
      secret: true,
      description: `The key of HS256 tokens; in production at least ${minSecretBytes} bytes. Exactly one of this and a JWKS is needed; where neither is named, \`npm start\` and \`npm run cluster\` make a secret and keep it in \`DATA_DIR\`.`,
    },
    jwksUrl: {
      env: 'JWT_JWKS_URL',
      schema: url(['https', 'http']),
      description: "The issuer's public keys, for tokens of RS256, ES256 or EdDSA.",
      fallback: {
        env: ['SUPABASE_URL'],
        description: "Unset, and without `JWT_SECRET`, `SUPABASE_URL` gives that project's keys.",
        value: (read) => {
          const project = read('SUPABASE_URL');
          if (project === undefined || read('JWT_SECRET') !== undefined) return undefined;
          return `${project.replace(/\/+$/, '')}/auth/v1/.well-known/jwks.json`;
        },
      },
    },
    issuer: { env: 'JWT_ISSUER', schema: anyText, description: 'The `iss` that tokens must have.' },
    audience: { env: 'JWT_AUDIENCE', schema: anyText, description: 'The `aud` that tokens must have.' },
    devIssuer: {
      env: 'AUTH_DEV_ISSUER',
      schema: flag,
      default: 'false',
      description:
        'Offer `POST /api/auth/dev-token`, which signs tokens for anybody. Refused in production; needs `JWT_SECRET`. ' +
        '`npm start` and `npm run cluster` turn it on where it is unset, but not in production nor where tokens come from a JWKS.',
    },
  },
  function* ({ jwtSecret, jwksUrl }): Iterable<ConfigProblem> {
    if (jwtSecret === undefined && jwksUrl === undefined) {
      yield { variable: 'JWT_SECRET', message: 'is required, unless JWT_JWKS_URL or SUPABASE_URL is set' };
    }
    if (jwtSecret !== undefined && jwksUrl !== undefined) {
      yield { variable: 'JWT_SECRET', message: 'excludes JWT_JWKS_URL: set only one of them' };
    }
  },
  function* ({ jwtSecret }, production): Iterable<ConfigProblem> {
    if (production && jwtSecret !== undefined && Buffer.byteLength(jwtSecret) < minSecretBytes) {
      yield { variable: 'JWT_SECRET', message: `must have at least ${minSecretBytes} bytes in production` };
    }
  },
  function* ({ jwtSecret, devIssuer }, production): Iterable<ConfigProblem> {
    if (devIssuer && production) {
      yield { variable: 'AUTH_DEV_ISSUER', message: 'is not allowed in production: it signs tokens for anybody' };
    } else if (devIssuer && jwtSecret === undefined) {
      yield { variable: 'AUTH_DEV_ISSUER', message: 'needs JWT_SECRET: it signs with it' };
    }
  },
);
export type AuthConfig = SliceOf<typeof AuthConfig>;

const keyVariables = ['JWT_SECRET', 'JWT_JWKS_URL', 'SUPABASE_URL'];

/** Does the environment name the key that verifies tokens? If not, a development server may make its own secret. */
export function hasTokenKey(env: Environment = systemEnvironment()): boolean {
  return keyVariables.some((name) => (env[name] ?? '').trim() !== '');
}

/** May the development issuer be on where nobody asked for it? Never in production, nor where tokens come from a JWKS. */
export function allowsDevIssuer(env: Environment = systemEnvironment()): boolean {
  return !isProduction(env) && ((env['JWT_SECRET'] ?? '').trim() !== '' || !hasTokenKey(env));
}
