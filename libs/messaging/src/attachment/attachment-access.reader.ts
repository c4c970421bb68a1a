import type { AuthoriseDownload, AuthoriseUpload, RequestOf, ResponseOf } from '@parley/contracts';
import { Database } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { demandParticipant, demandVoice, rankOf } from '../participant/participant.policy';
import { type ParticipantRow, type ParticipantState, toParticipantState } from '../participant/participant.state';

type AccessRow = { readonly posting: 'everyone' | 'moderators' } & (ParticipantRow | { readonly user_id: null });

const access = `
  SELECT c.posting, me.user_id, me.role, me.is_muted, me.is_blocked, me.left_at
  FROM conversations c
  LEFT JOIN participants me ON me.conversation_id = c.id AND me.user_id = $2
  WHERE c.id = $1 AND c.deleted_at IS NULL`;

const accessToFile = `
  SELECT c.posting, me.user_id, me.role, me.is_muted, me.is_blocked, me.left_at,
    a.file_id IS NOT NULL AND (m.seq IS NULL OR m.deleted_at IS NOT NULL) AS is_gone
  FROM conversations c
  LEFT JOIN participants me ON me.conversation_id = c.id AND me.user_id = $2
  LEFT JOIN attachments a ON a.file_id = $3 AND a.conversation_id = c.id
  LEFT JOIN messages m ON m.conversation_id = a.conversation_id AND m.seq = a.seq
  WHERE c.id = $1 AND c.deleted_at IS NULL`;

/** Reads who may upload to a conversation, and who may have what was. Nothing is remembered: who leaves has lost access. */
@Injectable()
export class AttachmentAccessReader {
  constructor(private readonly database: Database) {}

  /** @throws AppError as a send of this user would be refused. */
  async authoriseUpload({ userId, conversationId }: RequestOf<typeof AuthoriseUpload>): Promise<void> {
    const [row] = await this.database.query<AccessRow>('attachment_access', access, [conversationId, userId]);
    const me = demandParticipant(participantOf(row));
    demandVoice(me);
    if (row?.posting === 'moderators' && rankOf(me.role) < rankOf('moderator'))
      throw new AppError('posting_restricted');
  }

  /** @throws AppError `conversation_not_found`, `not_a_participant`, `file_not_found` of a deleted message; in this order. */
  async authoriseDownload(request: RequestOf<typeof AuthoriseDownload>): Promise<ResponseOf<typeof AuthoriseDownload>> {
    const { userId, conversationId, fileId } = request;
    const [row] = await this.database.query<AccessRow & { readonly is_gone: boolean }>(
      'attachment_file_access',
      accessToFile,
      [conversationId, userId, fileId],
    );
    const me = participantOf(row);
    if (userId !== null) demandParticipant(me);
    if (row?.is_gone) throw new AppError('file_not_found');
    return {};
  }
}

/** @throws AppError `conversation_not_found` */
function participantOf(row: AccessRow | undefined): ParticipantState | undefined {
  if (row === undefined) throw new AppError('conversation_not_found');
  return row.user_id === null ? undefined : toParticipantState(row);
}
