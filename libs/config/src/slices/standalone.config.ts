import { defineSlice, type SliceOf } from '../slice';
import { anyText } from '../values';

export const StandaloneConfig = defineSlice('standalone', {
  dataDir: {
    env: 'DATA_DIR',
    schema: anyText,
    default: '.data',
    description: 'Where the standalone server keeps its database and its secret.',
  },
});
export type StandaloneConfig = SliceOf<typeof StandaloneConfig>;
