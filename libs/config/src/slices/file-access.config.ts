import { type ConfigProblem, defineSlice, type SliceOf } from '../slice';
import { anyText, integer, url } from '../values';

const minSecretBytes = 32;

/** How gateways reach files, and whom they let. */
export const FileAccessConfig = defineSlice(
  'fileAccess',
  {
    mediaUrl: {
      env: 'MEDIA_URL',
      schema: url(['http', 'https']),
      default: 'http://127.0.0.1:8103',
      description: 'Where gateways reach the media processes.',
    },
    secret: {
      env: 'MEDIA_SECRET',
      schema: anyText,
      required: true,
      secret: true,
      description: `Signs what gateways ask of media processes, and links to files; the same for all of them. In production at least ${minSecretBytes} bytes. Where it is unset, \`npm start\` and \`npm run cluster\` make one and keep it in \`DATA_DIR\`.`,
    },
    linkTtlSeconds: {
      env: 'FILE_LINK_TTL_SECONDS',
      schema: integer(1, 30 * 24 * 3_600),
      default: '604800',
      description: 'How long a signed link to a file works where nobody asked for another time, in seconds.',
    },
  },
  function* ({ secret }, production): Iterable<ConfigProblem> {
    if (production && Buffer.byteLength(secret) < minSecretBytes) {
      yield { variable: 'MEDIA_SECRET', message: `must have at least ${minSecretBytes} bytes in production` };
    }
  },
);
export type FileAccessConfig = SliceOf<typeof FileAccessConfig>;
