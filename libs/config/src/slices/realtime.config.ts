import { type ConfigProblem, defineSlice, type SliceOf } from '../slice';
import { integer } from '../values';

/** Sockets: what each may cost, and how many there may be. */
export const RealtimeConfig = defineSlice(
  'realtime',
  {
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
    lateBufferedBytes: {
      env: 'WS_LATE_BUFFERED_BYTES',
      schema: integer(32_768, 1_073_741_824),
      default: '65536',
      description:
        'A socket that lets more pile up unread is spared what may be lost (typing, presence, receipts), in bytes.',
    },
    maxBufferedBytes: {
      env: 'WS_MAX_BUFFERED_BYTES',
      schema: integer(65_536, 1_073_741_824),
      default: '4194304',
      description: 'A socket that lets more pile up unread is closed, in bytes; it reconnects and syncs.',
    },
    connectTimeoutMs: {
      env: 'WS_CONNECT_TIMEOUT_MS',
      schema: integer(100, 600_000),
      default: '10000',
      description: 'A connection that is not let in by then is closed, in milliseconds.',
    },
    maxConnections: {
      env: 'WS_MAX_CONNECTIONS',
      schema: integer(1, 10_000_000),
      default: '20000',
      description: 'Sockets that one gateway holds; more are refused with a hint when to come back.',
    },
    maxOpening: {
      env: 'WS_MAX_OPENING',
      schema: integer(1, 10_000),
      default: '16',
      description: 'Sockets that one gateway lets in at the same time; the others wait their turn.',
    },
    maxWaiting: {
      env: 'WS_MAX_WAITING',
      schema: integer(1, 1_000_000),
      default: '5000',
      description: 'Sockets that wait their turn to be let in; more are refused with a hint when to come back.',
    },
    maxLoopLagMs: {
      env: 'WS_MAX_LOOP_LAG_MS',
      schema: integer(10, 600_000),
      default: '1000',
      description:
        'While the event loop of a gateway is late by more, new sockets are refused with a hint when to come back, in milliseconds.',
    },
  },
  function* ({ lateBufferedBytes, maxBufferedBytes }): Iterable<ConfigProblem> {
    if (lateBufferedBytes >= maxBufferedBytes) {
      yield { variable: 'WS_LATE_BUFFERED_BYTES', message: 'must be less than WS_MAX_BUFFERED_BYTES' };
    }
  },
);
export type RealtimeConfig = SliceOf<typeof RealtimeConfig>;
