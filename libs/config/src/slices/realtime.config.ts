import { defineSlice, type SliceOf } from '../slice';
import { integer } from '../values';

export const RealtimeConfig = defineSlice('realtime', {
  drainSeconds: {
    env: 'DRAIN_SECONDS',
    schema: integer(0, 3_600),
    default: '5',
    description: 'At shutdown, over how many seconds open sockets are closed.',
  },
  maxFrameBytes: {
    env: 'WS_MAX_FRAME_BYTES',
    schema: integer(1_024, 104_857_600),
    default: '1048576',
    description: 'The largest frame that a socket accepts, in bytes.',
  },
  pingIntervalMs: {
    env: 'WS_PING_INTERVAL_MS',
    schema: integer(100, 3_600_000),
    default: '25000',
    description: 'How often a socket is asked whether it is alive, in milliseconds.',
  },
  pingTimeoutMs: {
    env: 'WS_PING_TIMEOUT_MS',
    schema: integer(100, 3_600_000),
    default: '20000',
    description: 'A socket that does not answer in this time is closed, in milliseconds.',
  },
  maxBufferedBytes: {
    env: 'WS_MAX_BUFFERED_BYTES',
    schema: integer(65_536, 1_073_741_824),
    default: '4194304',
    description: 'A socket that lets more pile up unread is closed, in bytes; it reconnects and syncs.',
  },
});
export type RealtimeConfig = SliceOf<typeof RealtimeConfig>;
