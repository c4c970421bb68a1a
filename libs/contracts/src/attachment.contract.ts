import { z } from 'zod';
import { ConversationId, FileId, UserId } from './ids';
import { defineRpc } from './rpc';
import { AttachmentView, FileKind } from './view/attachment.view';

/** May this user upload files to this conversation? Who may send messages there may. */
export const AuthoriseUpload = defineRpc({
  subject: 'messaging.attachment.authorise_upload',
  request: z.object({ userId: UserId, conversationId: ConversationId }),
  response: z.object({}),
  errors: ['conversation_not_found', 'not_a_participant', 'participant_muted', 'posting_restricted', 'user_blocked'],
  timeoutMs: 2_000,
});

/** May this user have a file that was uploaded to this conversation? Without a user: may anybody, as with a signed link? */
export const AuthoriseDownload = defineRpc({
  subject: 'messaging.attachment.authorise_download',
  request: z.object({ userId: UserId.nullable(), conversationId: ConversationId, fileId: FileId }),
  response: z.object({}),
  errors: ['conversation_not_found', 'not_a_participant', 'file_not_found'],
  timeoutMs: 2_000,
});

/** Which of these files are in messages, or in messages that wait to be sent? The others nobody will miss. */
export const FilterAttached = defineRpc({
  subject: 'messaging.attachment.filter_attached',
  request: z.object({ files: z.array(z.object({ id: FileId, conversationId: ConversationId })).max(1_000) }),
  response: z.object({ fileIds: z.array(FileId) }),
  errors: [],
  timeoutMs: 5_000,
});

/** The files in a conversation's messages, newest first. `cursor` wins over `page`. */
export const ListAttachments = defineRpc({
  subject: 'messaging.attachment.list',
  request: z.object({
    userId: UserId,
    conversationId: ConversationId,
    kind: FileKind.optional(),
    limit: z.number().int().min(1).max(100),
    page: z.number().int().min(1),
    cursor: z.string().optional(),
  }),
  response: z.object({
    files: z.array(AttachmentView),
    hasMore: z.boolean(),
    nextCursor: z.string().nullable(),
  }),
  errors: ['conversation_not_found', 'not_a_participant', 'validation_failed'],
  timeoutMs: 5_000,
});
