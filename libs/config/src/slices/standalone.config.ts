import { defineSlice, type SliceOf } from '../slice';
import { anyText } from '../values';

export const StandaloneConfig = defineSlice('standalone', {
  dataDir: {
    env: 'DATA_DIR',
    schema: anyText,
    default: '.data',
    description:
      'Where the standalone server keeps its database, the password of that, and what it made for `JWT_SECRET` and `MEDIA_SECRET`. ' +
      '`npm run cluster` keeps those two there as well.',
  },
});
export type StandaloneConfig = SliceOf<typeof StandaloneConfig>;
