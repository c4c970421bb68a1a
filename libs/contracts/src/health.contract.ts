import { z } from 'zod';
import { defineRpc } from './rpc';

/** Can messages be stored? That the service answers tells that it is there. */
export const ProbeStorage = defineRpc({
  subject: 'messaging.health.probe_storage',
  request: z.object({}),
  response: z.object({ takesWrites: z.boolean() }),
  errors: [],
  timeoutMs: 1_000,
});
