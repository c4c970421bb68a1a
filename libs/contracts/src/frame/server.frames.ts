import { z } from 'zod';
import { Head, Rev } from '../ids';
import { SyncView } from '../sync.contract';
import { Timestamp } from '../text';
import { ConversationView } from '../view/conversation.view';
import { MessageView } from '../view/message.view';
import { OwnUserView } from '../view/user.view';

/** Everything that the server says to a socket by itself, by event. */
export const serverFrames = {
  /** First of all: who the socket is, and where its conversations stand. */
  session: z.object({
    user: OwnUserView,
    server_time: Timestamp,
    epoch: z.string(),
    heads: z.record(z.string(), Head),
  }),
  /** Second, for a handshake that gave heads. */
  synced: SyncView,
  new_message: z.object({ conversation_id: z.string(), rev: Rev, message: MessageView }),
  conversation_created: z.object({ conversation_id: z.string(), rev: Rev, conversation: ConversationView }),
  /** The named conversations (all, if none is named) must be loaded again. */
  resync: z.object({ conversation_ids: z.array(z.string()).optional(), reason: z.string() }),
  /** This server is going away: reconnect after that many milliseconds. */
  draining: z.object({ reconnect_after_ms: z.number().int() }),
  error: z.object({ message: z.string(), code: z.string(), event: z.string().optional() }),
  pong: z.object({ server_time: Timestamp }),
} as const;

export type ServerEvent = keyof typeof serverFrames;
export type ServerFrame<E extends ServerEvent> = z.infer<(typeof serverFrames)[E]>;

/** Socket.IO's typed event map of what the server emits. */
export type ServerEvents = { [E in ServerEvent]: (frame: ServerFrame<E>) => void };
