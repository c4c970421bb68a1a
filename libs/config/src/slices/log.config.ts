import { z } from 'zod';
import { defineSlice, type SliceOf } from '../slice';

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const LogConfig = defineSlice('log', {
  level: {
    env: 'LOG_LEVEL',
    schema: z.string().pipe(z.enum(levels, { error: `must be one of ${levels.join(', ')}` })),
    default: 'info',
    description: `The least level that is logged: ${levels.map((level) => `\`${level}\``).join(', ')}.`,
  },
});
export type LogConfig = SliceOf<typeof LogConfig>;
