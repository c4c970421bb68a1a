import { z } from 'zod';

/** The answer where something was done and nothing is left to show. */
export const DoneView = z.object({ success: z.literal(true) }).meta({ id: 'Done' });
export type DoneView = z.infer<typeof DoneView>;

export const done: DoneView = { success: true };
