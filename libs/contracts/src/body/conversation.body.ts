import { z } from 'zod';
import { UserId } from '../ids';
import { Metadata, PictureUrl, text } from '../text';
import { ConversationType } from '../view/conversation.view';

/** What a client says to open a conversation. The creator is a participant, named or not. */
export const CreateConversationBody = z
  .object({
    type: ConversationType,
    participant_ids: z.array(UserId).max(1_000),
    title: text(0, 255).nullish(),
    description: text(0, 2_000).nullish(),
    avatar_url: PictureUrl.nullish(),
    visibility: z.enum(['private', 'public']).nullish(),
    posting: z.enum(['everyone', 'moderators']).nullish(),
    metadata: Metadata.nullish(),
  })
  .meta({ id: 'CreateConversation', example: { type: 'group', title: 'Study group', participant_ids: ['bob'] } });
export type CreateConversationBody = z.infer<typeof CreateConversationBody>;

/**
 * What a participant changes: settings for all, `is_archived` for itself. What is absent stays. Null takes title,
 * description and picture away, and stands for nothing elsewhere; `metadata` is replaced as a whole.
 */
export const UpdateConversationBody = z
  .object({
    title: text(0, 255).nullish(),
    description: text(0, 2_000).nullish(),
    avatar_url: PictureUrl.nullish(),
    visibility: z.enum(['private', 'public']).nullish(),
    posting: z.enum(['everyone', 'moderators']).nullish(),
    metadata: Metadata.nullish(),
    is_archived: z.boolean().nullish(),
  })
  .meta({ id: 'UpdateConversation', example: { title: 'Updated title', is_archived: false } });
export type UpdateConversationBody = z.infer<typeof UpdateConversationBody>;
