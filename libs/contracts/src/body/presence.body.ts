import { z } from 'zod';
import { text } from '../text';
import { PresenceStatus } from '../view/user.view';

/** What users say of themselves. What is absent stays. */
export const SetStatusBody = z
  .object({
    status: PresenceStatus.nullish(),
    status_text: text(0, 200).nullish(),
    is_typing: z.boolean().nullish(),
    /** Where; needed with `is_typing: true`. */
    typing_in_conversation: z.string().max(64).nullish(),
  })
  .refine((body) => !body.is_typing || typeof body.typing_in_conversation === 'string', {
    path: ['typing_in_conversation'],
    message: 'must name the conversation that is typed in',
  })
  .meta({ id: 'SetStatus', example: { status: 'away', status_text: 'At lunch' } });
export type SetStatusBody = z.infer<typeof SetStatusBody>;

export const TypingBody = z.object({ is_typing: z.boolean() }).meta({ id: 'Typing', example: { is_typing: true } });
export type TypingBody = z.infer<typeof TypingBody>;
