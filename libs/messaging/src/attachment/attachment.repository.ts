import { outgoing, type OutgoingEvent } from '@parley/bus';
import { type ConversationId, type FileId, FilesReleased, type Seq } from '@parley/contracts';
import type { Queryable } from '@parley/database';
import { Injectable } from '@nestjs/common';

const release = `
  UPDATE attachments a
  SET view = 'null'::jsonb
  WHERE a.conversation_id = $1 AND a.seq = ANY ($2::bigint[]) AND a.view <> 'null'::jsonb
  RETURNING a.file_id`;

/** Writes what messages hold of files. (That they hold them is written by the send itself.) */
@Injectable()
export class AttachmentRepository {
  /**
   * Lets go of the files of messages that are being deleted, in the transaction that deletes them. The rows stay, empty:
   * they keep anybody from using a file that is about to go.
   *
   * @returns what is to be announced with the deletion, so that the bytes go too; nothing where there were no files.
   */
  async release(tx: Queryable, conversationId: ConversationId, seqs: readonly Seq[]): Promise<OutgoingEvent[]> {
    const rows = await tx.query<{ file_id: FileId }>('attachment_release', release, [conversationId, seqs]);
    if (rows.length === 0) return [];
    const fileIds = rows.map((row) => row.file_id);
    return [outgoing(FilesReleased, conversationId, { v: 1, conversationId, fileIds })];
  }
}
