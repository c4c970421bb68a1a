import { ConversationId, FileId, MessageId, UserId } from '@parley/contracts';
import { AppError, type ErrorCode } from '@parley/errors';
import type { z } from 'zod';

/** Reads one kind of id as clients write them: text that can be none names what never was, which is no mistake of form. */
const idReader =
  <Id extends z.ZodType>(schema: Id, code: ErrorCode) =>
  (text: string): z.infer<Id> => {
    const id = schema.safeParse(text);
    if (!id.success) throw new AppError(code);
    return id.data;
  };

export const toConversationId = idReader(ConversationId, 'conversation_not_found');
export const toFileId = idReader(FileId, 'file_not_found');
export const toMessageId = idReader(MessageId, 'message_not_found');
export const toParticipantId = idReader(UserId, 'participant_not_found');
export const toReplyTarget = idReader(MessageId, 'reply_target_not_found');
export const toThreadRoot = idReader(MessageId, 'thread_root_not_found');
export const toUserId = idReader(UserId, 'user_not_found');
