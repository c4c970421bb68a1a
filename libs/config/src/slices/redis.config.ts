import { z } from 'zod';
import { defineSlice, type SliceOf } from '../slice';
import { url } from '../values';

export const RedisConfig = defineSlice('redis', {
  url: {
    env: 'REDIS_URL',
    schema: url(['redis', 'rediss']),
    default: 'redis://127.0.0.1:6379',
    description: 'Redis; `rediss://` for TLS.',
    fallback: {
      env: ['REDIS_HOST', 'REDIS_PORT'],
      description: 'Unset, it is built from `REDIS_HOST` and `REDIS_PORT`.',
      value: (read) => {
        const host = read('REDIS_HOST');
        const port = read('REDIS_PORT');
        return host === undefined && port === undefined
          ? undefined
          : `redis://${host ?? '127.0.0.1'}:${port ?? '6379'}`;
      },
    },
  },
  keyPrefix: {
    env: 'REDIS_KEY_PREFIX',
    schema: z.string().regex(/^[A-Za-z0-9_:-]+$/, 'must be made of A-Z, a-z, 0-9, _, : and -'),
    default: 'parley',
    description: 'Put before every key and channel.',
  },
});
export type RedisConfig = SliceOf<typeof RedisConfig>;
