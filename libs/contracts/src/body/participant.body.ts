import { z } from 'zod';
import { UserId } from '../ids';
import { NotificationChoice, ParticipantRole } from '../view/conversation.view';

/** Who is brought into a conversation: one user, or several. */
export const AddParticipantsBody = z
  .object({
    user_id: UserId.nullish(),
    user_ids: z.array(UserId).min(1).max(1_000).nullish(),
    role: ParticipantRole.nullish(),
  })
  .refine((body) => ((body.user_id ?? null) === null) !== ((body.user_ids ?? null) === null), {
    message: 'must have either user_id or user_ids',
  })
  .meta({ id: 'AddParticipants', example: { user_id: 'dora', role: 'participant' } });
export type AddParticipantsBody = z.infer<typeof AddParticipantsBody>;

/** A form says `true` and `false` as text. */
const Flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]);

/** What changes of a participant; `notifications` only of oneself. What is absent stays. */
export const UpdateParticipantBody = z
  .object({
    role: ParticipantRole.nullish(),
    is_muted: Flag.nullish(),
    notifications: NotificationChoice.nullish(),
  })
  .meta({ id: 'UpdateParticipant', example: { role: 'moderator', is_muted: false } });
export type UpdateParticipantBody = z.infer<typeof UpdateParticipantBody>;
