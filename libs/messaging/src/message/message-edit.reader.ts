import type { ListEdits, RequestOf, ResponseOf } from '@parley/contracts';
import { Database } from '@parley/database';
import { Injectable } from '@nestjs/common';
import { AnswerBudget } from '../answer/answer.budget';
import { MessageAccessReader } from './message-access.reader';

/** More than anybody edits a message in its window; nobody can make an answer grow beyond it. */
const maxEdits = 1_000;

const listEdits = `
  SELECT e.content, e.edited_at
  FROM edits e
  WHERE e.conversation_id = $1 AND e.seq = $2
  ORDER BY e.rev DESC
  LIMIT ${maxEdits}`;

/** Reads what edited messages said before. */
@Injectable()
export class MessageEditReader {
  constructor(
    private readonly database: Database,
    private readonly access: MessageAccessReader,
  ) {}

  /**
   * Earlier contents, oldest first, each with when it was replaced; the latest of them where not all fit into an answer.
   * Of a deleted message none is left.
   *
   * @throws AppError `message_not_found`, else `not_a_participant`.
   */
  async list({ messageId, userId }: RequestOf<typeof ListEdits>): Promise<ResponseOf<typeof ListEdits>> {
    const { conversationId, seq } = await this.access.authorise(messageId, userId);
    const rows = await this.database.query<{ content: string; edited_at: string }>('message_edits', listEdits, [
      conversationId,
      seq,
    ]);
    const history = rows.map(({ content, edited_at }) => ({ content, edited_at })).reverse();
    return { history: new AnswerBudget().takeLast(history) };
  }
}
