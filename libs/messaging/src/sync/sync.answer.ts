import type { ConversationChanges, Head, SyncView, ViewedConversation } from '@parley/contracts';
import { AnswerBudget, maxAnswerBytes } from '../answer/answer.budget';
import { type MessageRow, toMessageView } from '../message/message.mapper';
import { maxChanges } from '../message/message-history.policy';
import type { HeadsComparison, Moved } from './sync.policy';

/** Of what the client named in vain, as much is told at a time; it may have named anything. */
const maxGoneBytes = 250 * 1024;

/** However much the heads alone take, this is left for what they are about. */
const minContentBytes = 200 * 1024;

/** An answer to `sync` while it is put together, within its bound in bytes. */
export class SyncAnswer {
  readonly conversations: Record<string, ConversationChanges> = {};
  readonly newConversations: ViewedConversation[] = [];
  readonly heads: Record<string, Head> = {};
  readonly gone: readonly string[];
  private readonly budget: AnswerBudget;
  private isCut = false;
  private full = false;

  constructor({ known, ahead, gone }: HeadsComparison) {
    this.gone = gone.length > 0 ? new AnswerBudget(maxGoneBytes).takeFirst(gone) : [];
    this.isCut = this.gone.length < gone.length;
    for (const { id, head } of known) this.heads[id] = head;
    for (const { id, head } of ahead) {
      this.conversations[id] = { ...nothingNew, has_more: false, last_seq: head.seq, rev: head.rev };
    }
    const fixedBytes = Buffer.byteLength(JSON.stringify([this.heads, this.conversations, this.gone]));
    this.budget = new AnswerBudget(Math.max(maxAnswerBytes - fixedBytes, minContentBytes));
  }

  /** Nothing more fits. */
  get isFull(): boolean {
    return this.full;
  }

  /** @param found one message more than is answered tells that there are more. */
  addChanges(moved: Moved, found: FoundChanges): void {
    const messages = this.fit(found.new);
    const changed = this.fit(found.changed);
    const hasMore = messages.length < found.new.length || changed.length < found.changed.length;
    this.isCut ||= hasMore;
    // Not even one fitted: the conversation waits for the next answer as a whole.
    if (hasMore && messages.length + changed.length === 0) return;
    this.conversations[moved.id] = {
      messages: messages.map(toMessageView),
      changed: changed.map(toMessageView),
      participants: [],
      has_more: hasMore,
      ...endOf(moved, found, { new: messages, changed }),
    };
  }

  addNew(conversation: ViewedConversation): void {
    this.full ||= !this.budget.take(conversation);
    if (this.full) return;
    this.newConversations.push(conversation);
    this.heads[conversation.id] = { seq: conversation.last_seq, rev: conversation.rev };
  }

  /** @param asked what the answer should tell of; what it does not, the next one has to. */
  toView(epoch: string, asked: HeadsComparison): SyncView {
    const told = Object.keys(this.conversations).length + this.newConversations.length;
    return {
      epoch,
      conversations: this.conversations,
      new_conversations: this.newConversations,
      gone: [...this.gone],
      has_more: this.isCut || told < asked.fresh.length + asked.moved.length + asked.ahead.length,
    };
  }

  private fit(rows: readonly MessageRow[]): readonly MessageRow[] {
    const offered = rows.slice(0, maxChanges);
    if (offered.length === 0 || this.full) return [];
    const fitting = this.budget.takeFirst(offered);
    this.full = fitting.length < offered.length;
    return fitting;
  }
}

/** Messages of one conversation: new ones by seq, and older ones that changed by rev. */
export interface FoundChanges {
  readonly new: readonly MessageRow[];
  readonly changed: readonly MessageRow[];
}

/** Where the answer about a conversation ends: at its head, or where a list was cut. */
function endOf({ since, head }: Moved, found: FoundChanges, told: FoundChanges): { last_seq: number; rev: number } {
  const sinceRev = since.rev ?? 0;
  const isNewCut = told.new.length < found.new.length;
  const isChangedCut = told.changed.length < found.changed.length;
  return {
    last_seq: isNewCut ? Number(told.new.at(-1)?.seq ?? since.seq) : head.seq,
    rev: Math.min(
      head.rev,
      isNewCut ? Number(told.new.at(-1)?.created_rev ?? sinceRev) : head.rev,
      isChangedCut ? Number(told.changed.at(-1)?.rev ?? sinceRev) : head.rev,
    ),
  };
}

const nothingNew = { messages: [], changed: [], participants: [] };
