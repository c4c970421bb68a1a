import { z } from 'zod';
import { ConversationId, Epoch, Head, Rev, Seq, UserId } from './ids';
import { defineRpc } from './rpc';
import { ViewedMessage } from './view/message.view';
import { ParticipantView, ViewedConversation } from './view/conversation.view';

/** What a client has seen of its conversations: by id a head, or a bare number, which is a `seq`. */
export const ClientHeads = z
  .record(z.string().max(64), z.union([Head, Seq]))
  .refine((heads) => Object.keys(heads).length <= 10_000, { message: 'must have at most 10000 conversations' });
export type ClientHeads = z.infer<typeof ClientHeads>;

/** What one conversation has to tell. With `has_more`, sync again from `last_seq` and `rev`. */
export const ConversationChanges = z.object({
  /** New ones, ascending; at most 200. */
  messages: z.array(ViewedMessage),
  /** Older ones that changed since the head's `rev`, in their latest state, by `rev`; left out for a bare `seq`. */
  changed: z.array(ViewedMessage).optional(),
  /** Those whose cursors moved since the last message that the client has seen; of more than 100 the user alone. */
  participants: z.array(ParticipantView),
  /** The conversation, where its settings or its participants changed since the head's `rev`. */
  conversation: ViewedConversation.optional(),
  has_more: z.boolean(),
  last_seq: Seq,
  rev: Rev,
});
export type ConversationChanges = z.infer<typeof ConversationChanges>;

export const SyncView = z
  .object({
    /** Another epoch than before: history may have been rewound; drop all heads and reload. */
    epoch: Epoch,
    /** Conversations with nothing new are left out. */
    conversations: z.record(z.string(), ConversationChanges),
    /** Conversations that the heads did not name; at most 100. */
    new_conversations: z.array(ViewedConversation),
    /** Conversations of the heads that the user is not in. */
    gone: z.array(z.string().meta({ example: '9' })),
    /** The answer was cut: take what is here into the heads and sync again. */
    has_more: z.boolean(),
  })
  .meta({ id: 'Sync' });
export type SyncView = z.infer<typeof SyncView>;

/** What a user has missed since its heads, bounded in messages and bytes. */
export const Sync = defineRpc({
  subject: 'messaging.sync.read',
  request: z.object({ userId: UserId, heads: ClientHeads }),
  response: z.object({
    sync: SyncView,
    /** Where each conversation stood when the answer was read, also those with nothing new: what follows is live. */
    heads: z.record(ConversationId, Head),
  }),
  errors: [],
  timeoutMs: 10_000,
});

/** The database's epoch: changes when history may have been rewound (a restore, a lossy failover). */
export const ReadEpoch = defineRpc({
  subject: 'messaging.sync.read_epoch',
  request: z.object({}),
  response: z.object({ epoch: Epoch }),
  errors: [],
  timeoutMs: 5_000,
});
