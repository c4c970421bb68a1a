import { defineSlice, type SliceOf } from '../slice';
import { anyText, flag, integer, list } from '../values';

export const HttpConfig = defineSlice('http', {
  host: {
    env: 'HOST',
    schema: anyText,
    default: '127.0.0.1',
    description: 'The address to listen on; `0.0.0.0` for all.',
  },
  port: {
    env: 'PORT',
    schema: integer(0, 65_535),
    default: '8000',
    description: 'The port to listen on; 0 takes a free one.',
  },
  corsOrigins: {
    env: 'CORS_ORIGINS',
    schema: list,
    default: '',
    description:
      'Origins of browsers that may call, separated by commas, or `*` for all. Each as browsers name it, without a slash at the end: ' +
      '`https://app.example,http://localhost:5173`. Empty: pages of the same origin, and clients that send no origin. ' +
      'Pages of others are refused with `origin_not_allowed`, and a warning in the log names this variable.',
  },
  trustProxy: {
    env: 'TRUST_PROXY',
    schema: flag,
    default: 'false',
    description: 'Believe `X-Forwarded-*`. Only behind a proxy that sets them.',
  },
  headersTimeoutMs: {
    env: 'HTTP_HEADERS_TIMEOUT_MS',
    schema: integer(100, 600_000),
    default: '10000',
    description: 'A connection that does not bring the headers of a request by then is closed, in milliseconds.',
  },
  bodyTimeoutMs: {
    env: 'HTTP_BODY_TIMEOUT_MS',
    schema: integer(100, 600_000),
    default: '30000',
    description: 'How long the body of a request may take that is no upload, in milliseconds.',
  },
});
export type HttpConfig = SliceOf<typeof HttpConfig>;
