import type {
  ConversationChanges,
  ConversationId,
  Head,
  ParticipantView,
  SyncView,
  ViewedConversation,
} from '@parley/contracts';
import { AnswerBudget, maxAnswerBytes } from '../answer/answer.budget';
import { toViewedMessage, type ViewedMessageRow } from '../message/message.mapper';
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
  /** Of these the client asked for nothing but what is new. */
  private readonly bare: ReadonlySet<ConversationId>;
  /** Those of whose changes something was told; others may be there for their cursors alone. */
  private readonly toldConversations = new Set<string>();
  private isCut = false;
  private full = false;

  constructor({ known, ahead, gone }: HeadsComparison) {
    this.gone = gone.length > 0 ? new AnswerBudget(maxGoneBytes).takeFirst(gone) : [];
    this.isCut = this.gone.length < gone.length;
    for (const { id, head } of known) this.heads[id] = head;
    this.bare = new Set(known.filter(({ isBare }) => isBare).map(({ id }) => id));
    for (const { id, head } of ahead) {
      this.conversations[id] = this.nothingNew(id, head);
      this.toldConversations.add(id);
    }
    const fixedBytes = Buffer.byteLength(JSON.stringify([this.heads, this.conversations, this.gone]));
    this.budget = new AnswerBudget(Math.max(maxAnswerBytes - fixedBytes, minContentBytes));
  }

  /** Nothing more fits. */
  get isFull(): boolean {
    return this.full;
  }

  /**
   * @param found one message more than is answered tells that there are more.
   * @param description the conversation, where that changed.
   */
  addChanges(moved: Moved, found: FoundChanges, description?: ViewedConversation): void {
    // Before the messages: the head that ends the answer covers it, and what is left out would never be told.
    if (description && !this.full) this.full = !this.budget.takeBeside(description);
    const messages = this.fit(found.new);
    const changed = this.fit(found.changed);
    const hasMore = messages.length < found.new.length || changed.length < found.changed.length;
    this.isCut ||= hasMore;
    // Not even one fitted: the conversation waits for the next answer as a whole.
    if (this.full && messages.length + changed.length === 0) return;
    this.toldConversations.add(moved.id);
    this.conversations[moved.id] = {
      messages: messages.map((row) => toViewedMessage(row)),
      ...(this.bare.has(moved.id) ? {} : { changed: changed.map((row) => toViewedMessage(row)) }),
      participants: [],
      ...(description ? { conversation: description } : {}),
      has_more: hasMore,
      ...endOf(moved, found, { new: messages, changed }),
    };
  }

  /** Tells whose cursors moved, as far as there is room: they are told live as well, and can be asked for. */
  addCursors(id: ConversationId, participants: readonly ParticipantView[]): void {
    const head = this.heads[id];
    if (this.full || head === undefined || !this.budget.take(participants)) return;
    const told = this.conversations[id] ?? this.nothingNew(id, head);
    this.conversations[id] = { ...told, participants: [...participants] };
  }

  addNew(conversation: ViewedConversation): void {
    this.full ||= !this.budget.take(conversation);
    if (this.full) return;
    this.newConversations.push(conversation);
    this.heads[conversation.id] = { seq: conversation.last_seq, rev: conversation.rev };
  }

  /** @param asked what the answer should tell of; what it does not, the next one has to. */
  toView(epoch: string, asked: HeadsComparison): SyncView {
    const told = this.toldConversations.size + this.newConversations.length;
    return {
      epoch,
      conversations: this.conversations,
      new_conversations: this.newConversations,
      gone: [...this.gone],
      has_more: this.isCut || told < asked.fresh.length + asked.moved.length + asked.ahead.length,
    };
  }

  private nothingNew(id: ConversationId, { seq, rev }: Head): ConversationChanges {
    const changed = this.bare.has(id) ? {} : { changed: [] };
    return { messages: [], ...changed, participants: [], has_more: false, last_seq: seq, rev };
  }

  private fit(rows: readonly ViewedMessageRow[]): readonly ViewedMessageRow[] {
    const offered = rows.slice(0, maxChanges);
    if (offered.length === 0 || this.full) return [];
    const fitting = this.budget.takeFirst(offered);
    this.full = fitting.length < offered.length;
    return fitting;
  }
}

/** Messages of one conversation: new ones by seq, and older ones that changed by rev. */
export interface FoundChanges {
  readonly new: readonly ViewedMessageRow[];
  readonly changed: readonly ViewedMessageRow[];
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
      isChangedCut ? endOfChanged(found.changed, told.changed.length, sinceRev) : head.rev,
    ),
  };
}

/** A reply that was deleted and the root of its thread share a rev: an answer that ends between them leaves out both. */
function endOfChanged(changed: readonly ViewedMessageRow[], toldCount: number, sinceRev: number): number {
  const lastRev = Number(changed[toldCount - 1]?.rev ?? sinceRev);
  return Number(changed[toldCount]?.rev) === lastRev ? lastRev - 1 : lastRev;
}
