import { z } from 'zod';
import { ClientMessageId } from '../ids';
import { Metadata, text } from '../text';

/** Asked for by clients that are ahead of this server: refused aloud, because to drop them would change what was meant. */
const notYet = (what: string) =>
  z.union([z.null(), z.array(z.unknown()).length(0)], { error: `${what} are not supported by this server` }).optional();

/** What a client says to send a message: the REST body, and (with `conversation_id`) the frame. */
export const SendMessageBody = z
  .object({
    /** 1 character at least; the deployment's `MAX_MESSAGE_LENGTH` is checked by the service. */
    content: text(1, 1_000_000),
    message_type: z.enum(['text']).nullish(),
    reply_to_id: z.string().max(64).nullish(),
    metadata: Metadata.nullish(),
    client_message_id: ClientMessageId.nullish(),
    /** Alias of `client_message_id`. */
    local_temp_id: ClientMessageId.or(z.literal('')).nullish(),
    thread_root_id: notYet('threads'),
    attachment_ids: notYet('attachments'),
    mentions: notYet('mentions'),
    send_at: notYet('scheduled messages'),
  })
  .meta({ id: 'SendMessage', example: { content: 'Hello!', client_message_id: '5f0c2a' } });
export type SendMessageBody = z.infer<typeof SendMessageBody>;
