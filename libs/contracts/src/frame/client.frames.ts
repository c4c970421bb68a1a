import { z } from 'zod';
import { SendMessageBody } from '../body/message.body';
import { ClientHeads } from '../sync.contract';

/** `send_message`: the REST body with the conversation's id. Answered with `{ message }`. */
export const SendMessageFrame = SendMessageBody.extend({ conversation_id: z.string().max(64) }).meta({
  id: 'SendMessageFrame',
});
export type SendMessageFrame = z.infer<typeof SendMessageFrame>;

/** `sync`: answered with what the client has missed. */
export const SyncFrame = z.object({ heads: ClientHeads }).meta({ id: 'SyncFrame' });
export type SyncFrame = z.infer<typeof SyncFrame>;

/** `authenticate`: a fresh token of the same user, before the present one expires. Answered with `{ expires_at }`. */
export const AuthenticateFrame = z.object({ token: z.string() }).meta({ id: 'AuthenticateFrame' });
export type AuthenticateFrame = z.infer<typeof AuthenticateFrame>;
