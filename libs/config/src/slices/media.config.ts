import { z } from 'zod';
import { type ConfigProblem, defineSlice, type SliceOf } from '../slice';
import { anyText, flag, integer, list, url } from '../values';

const mebibyte = 1_048_576;

/** What S3 cannot be reached without. */
const needsOfS3 = [
  ['s3Bucket', 'S3_BUCKET'],
  ['s3AccessKeyId', 'S3_ACCESS_KEY_ID'],
  ['s3SecretAccessKey', 'S3_SECRET_ACCESS_KEY'],
] as const;

/** The service that keeps files. */
export const MediaConfig = defineSlice(
  'media',
  {
    storage: {
      env: 'MEDIA_STORAGE',
      schema: z.string().pipe(z.enum(['disk', 's3'], { error: 'must be disk or s3' })),
      default: 'disk',
      description: 'Where the bytes of files are kept: `disk`, below `DATA_DIR`, or `s3`.',
    },
    dataDir: {
      env: 'DATA_DIR',
      schema: anyText,
      default: '.data',
      description:
        'Files lie in `media/files` of it; uploads pass through `media/incoming`, with S3 too. Processes that share files share it.',
    },
    s3Endpoint: {
      env: 'S3_ENDPOINT',
      schema: url(['https', 'http']),
      description: "An S3-compatible server; unset it is Amazon's.",
    },
    s3Region: { env: 'S3_REGION', schema: anyText, default: 'us-east-1', description: 'The region of the bucket.' },
    s3Bucket: { env: 'S3_BUCKET', schema: anyText, description: 'The bucket; it has to exist.' },
    s3AccessKeyId: { env: 'S3_ACCESS_KEY_ID', schema: anyText, description: 'The id of the key.' },
    s3SecretAccessKey: { env: 'S3_SECRET_ACCESS_KEY', schema: anyText, secret: true, description: 'The key.' },
    s3PathStyle: {
      env: 'S3_PATH_STYLE',
      schema: flag,
      default: 'true',
      description: 'Name the bucket in the path and not in the host, as most servers but those of Amazon want it.',
    },
    maxFileBytes: {
      env: 'MAX_FILE_SIZE',
      schema: integer(1, 50 * mebibyte),
      default: String(50 * mebibyte),
      description: 'The largest file of any kind, in bytes. Pictures have at most 10 MiB in any case.',
    },
    allowedTypes: {
      env: 'ALLOWED_FILE_TYPES',
      schema: list,
      default: '',
      description:
        'MIME types that are accepted, separated by commas, of those that the server knows. Empty: all of them.',
    },
    keepOriginals: {
      env: 'KEEP_ORIGINAL_IMAGES',
      schema: flag,
      default: 'true',
      description:
        'Keep pictures in full size beside a compressed variant. `false` keeps one of at most 2048 pixels a side instead.',
    },
    clamavUrl: {
      env: 'CLAMAV_URL',
      schema: url(['tcp']),
      description:
        'A ClamAV daemon (`tcp://127.0.0.1:3310`) that every upload is shown to; while it is away uploads are refused.',
    },
    unattachedHours: {
      env: 'UNATTACHED_FILE_HOURS',
      schema: integer(1, 8_760),
      default: '24',
      description: 'How long an upload waits to be sent with a message before it is removed, in hours.',
    },
  },
  function* (values): Iterable<ConfigProblem> {
    if (values.storage !== 's3') return;
    for (const [field, variable] of needsOfS3) {
      if (values[field] === undefined) yield { variable, message: 'is required with MEDIA_STORAGE=s3' };
    }
  },
);
export type MediaConfig = SliceOf<typeof MediaConfig>;
