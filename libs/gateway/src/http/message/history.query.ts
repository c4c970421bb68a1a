import { type HistoryPosition, Seq } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { z } from 'zod';
import { toMessageId } from '../../client.ids';
import { PageQuery, wholeNumber } from '../route/page.query';

const SeqNumber = wholeNumber(0, Number.MAX_SAFE_INTEGER);

/** Each of these says where to start; `page` does so only where none of them is given. `cursor` wins over all. */
const starts = ['before_seq', 'after_seq', 'before_message_id', 'around_message_id'] as const;

/** Which part of a conversation's messages is asked for. */
export const HistoryQuery = PageQuery.extend({
  before_seq: SeqNumber.optional().meta({ description: 'Those before it, newest first.' }),
  after_seq: SeqNumber.optional().meta({ description: 'Those after it, oldest first.' }),
  before_message_id: z.string().optional().meta({ description: 'Those before this message, newest first.' }),
  around_message_id: z.string().optional().meta({ description: 'This message in the middle, oldest first.' }),
  thread_root_id: z
    .string()
    .optional()
    .meta({ description: "Only this message's thread: its replies, without itself." }),
}).refine((query) => starts.filter((start) => query[start] !== undefined).length <= 1, {
  message: `must have only one of ${starts.join(', ')}`,
});
export type HistoryQuery = z.infer<typeof HistoryQuery>;

/**
 * @throws AppError `validation_failed` for a cursor that was not made here, `message_not_found` for an id that can name
 * no message.
 */
export function toPosition(query: HistoryQuery): HistoryPosition {
  if (query.cursor !== undefined) return parseCursor(query.cursor);
  if (query.before_seq !== undefined) return { at: 'before_seq', seq: query.before_seq };
  if (query.after_seq !== undefined) return { at: 'after_seq', seq: query.after_seq };
  if (query.before_message_id !== undefined) {
    return { at: 'before_message', messageId: toMessageId(query.before_message_id) };
  }
  if (query.around_message_id !== undefined) {
    return { at: 'around_message', messageId: toMessageId(query.around_message_id) };
  }
  return { at: 'page', page: query.page };
}

/** Goes on from the last message of a page, in the page's direction. */
export function nextCursorOf(position: HistoryPosition, messages: readonly { readonly seq: number }[]): string | null {
  const last = messages.at(-1);
  if (last === undefined) return null;
  const ascends = position.at === 'after_seq' || position.at === 'around_message';
  return Buffer.from(`${ascends ? 'after' : 'before'}:${last.seq}`).toString('base64url');
}

function parseCursor(cursor: string): HistoryPosition {
  const [, direction, digits] = /^(before|after):(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const seq = Seq.safeParse(Number(digits));
  if (direction === undefined || !seq.success) {
    throw new AppError('validation_failed', { issues: [{ path: 'cursor', message: 'must be a next_cursor' }] });
  }
  return { at: direction === 'after' ? 'after_seq' : 'before_seq', seq: seq.data };
}
