import { z } from 'zod';
import { defineSlice, type SliceOf } from '../slice';
import { integer, urls } from '../values';

export const NatsConfig = defineSlice('nats', {
  url: {
    env: 'NATS_URL',
    schema: urls(['nats', 'tls']),
    default: 'nats://127.0.0.1:4222',
    description: 'One or more NATS servers of the cluster, separated by commas. JetStream must be on.',
  },
  subjectPrefix: {
    env: 'NATS_SUBJECT_PREFIX',
    schema: z
      .string()
      .regex(/^([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)?$/, 'must be words of A-Z, a-z, 0-9, _ and -, joined by dots'),
    default: '',
    description:
      'Put before every subject and, in capitals, before the name of the stream, so that several deployments can share a server. ' +
      'Words joined by dots, without a dot at the end: `acme.chat`.',
  },
  streamMaxAgeHours: {
    env: 'NATS_STREAM_MAX_AGE_HOURS',
    schema: integer(1, 8_760),
    default: '24',
    description: 'How long the stream keeps events, in hours.',
  },
  streamMaxBytes: {
    env: 'NATS_STREAM_MAX_BYTES',
    schema: integer(1_048_576, Number.MAX_SAFE_INTEGER),
    default: '1073741824',
    description: 'How much the stream keeps, in bytes; the oldest events go first.',
  },
});
export type NatsConfig = SliceOf<typeof NatsConfig>;
