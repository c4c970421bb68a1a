import { defineSlice, type SliceOf } from '../slice';
import { integer } from '../values';

/** Who is online: how long what gateways say holds, and how often they say it. The same in all processes. */
export const PresenceConfig = defineSlice(
  'presence',
  {
    leaseMs: {
      env: 'PRESENCE_LEASE_MS',
      schema: integer(100, 3_600_000),
      default: '30000',
      description: 'The users of a gateway that says nothing more are offline after this time, in milliseconds.',
    },
    refreshMs: {
      env: 'PRESENCE_REFRESH_MS',
      schema: integer(50, 3_600_000),
      default: '10000',
      description: 'How often a gateway says whose sockets it holds, in milliseconds; at most half of the lease.',
    },
    sweepMs: {
      env: 'PRESENCE_SWEEP_MS',
      schema: integer(10, 60_000),
      default: '250',
      description: 'How often a presence process looks for what has ended, in milliseconds.',
    },
    graceMs: {
      env: 'PRESENCE_GRACE_MS',
      schema: integer(0, 60_000),
      default: '500',
      description:
        'A user whose last socket went is offline after this time, in milliseconds, unless another one comes.',
    },
    holdMs: {
      env: 'PRESENCE_HOLD_MS',
      schema: integer(100, 86_400_000),
      default: '300000',
      description: 'How long a status that was set without a socket holds after the last request, in milliseconds.',
    },
    fanoutBytesPerSecond: {
      env: 'PRESENCE_FANOUT_BYTES_PER_SECOND',
      schema: integer(1_024, 1_073_741_824),
      default: '8388608',
      description:
        'What one gateway tells its sockets of presence, typing and viewing, in bytes a second; past that changes of status wait and the rest is dropped.',
    },
    typingMs: {
      env: 'TYPING_EXPIRY_MS',
      schema: integer(100, 60_000),
      default: '5000',
      description: 'Typing ends by itself after this time without another sign of it, in milliseconds.',
    },
  },
  function* ({ leaseMs, refreshMs }) {
    if (refreshMs * 2 > leaseMs) {
      yield { variable: 'PRESENCE_REFRESH_MS', message: 'must be at most half of PRESENCE_LEASE_MS' };
    }
  },
);
export type PresenceConfig = SliceOf<typeof PresenceConfig>;
