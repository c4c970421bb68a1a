import { z } from 'zod';
import { defineEvent } from './event';
import { ConversationId, FileId, UserId } from './ids';
import { defineRpc } from './rpc';
import { AttachmentView } from './view/attachment.view';

/** Uploads that a user wants to put into a message of this conversation, in the order of `fileIds`. Changes nothing. */
export const DescribeFiles = defineRpc({
  subject: 'media.file.describe',
  request: z.object({
    ownerId: UserId,
    conversationId: ConversationId,
    fileIds: z.array(FileId).min(1).max(100),
  }),
  response: z.object({ attachments: z.array(AttachmentView) }),
  errors: ['attachment_not_found'],
  timeoutMs: 2_000,
});

/** May this user have this file? Answers what it is called; the bytes travel over HTTP. */
export const AuthoriseFile = defineRpc({
  subject: 'media.file.authorise',
  request: z.object({ userId: UserId, fileId: FileId }),
  response: z.object({ attachment: AttachmentView }),
  errors: ['file_not_found', 'not_a_participant', 'conversation_not_found'],
  timeoutMs: 5_000,
});

/** Messages that held these files are gone for good: so may be the bytes. */
export const FilesReleased = defineEvent({
  scope: 'conversation',
  name: 'files_released',
  payload: z.object({ v: z.literal(1), conversationId: ConversationId, fileIds: z.array(FileId) }),
});
