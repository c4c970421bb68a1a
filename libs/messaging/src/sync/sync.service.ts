import type { RequestOf, ResponseOf, Sync, UserId } from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { Injectable } from '@nestjs/common';
import { ConversationReader } from '../conversation/conversation.reader';
import { maxChanges } from '../message/message-history.policy';
import { toParticipantView } from '../participant/participant.mapper';
import { SyncAnswer } from './sync.answer';
import { compareHeads, countNew, isDescribedAnew, type Moved, type Standing } from './sync.policy';
import { SyncReader } from './sync.reader';

/** Conversations in one answer that the client does not know yet. */
const maxNewConversations = 100;

/** Conversations, those with the newest activity first, whose moved cursors are told. */
const maxCursors = 50;

/** What is read at a time, so that a full answer does not cost a read of everything that is left. */
const chunk = { messages: 1_000, conversations: 25 };

/** Tells clients what they missed. */
@Injectable()
export class SyncService {
  constructor(
    private readonly database: Database,
    private readonly reader: SyncReader,
    private readonly conversations: ConversationReader,
  ) {}

  /** All of it as of one moment: what happens later is live. */
  sync({ userId, heads }: RequestOf<typeof Sync>): Promise<ResponseOf<typeof Sync>> {
    return this.database.snapshot(async (snapshot) => {
      const epoch = await this.reader.readEpoch(snapshot);
      const comparison = compareHeads(heads, await this.reader.listStandings(snapshot, userId));
      const answer = new SyncAnswer(comparison);
      for (const part of chunksOf(comparison.moved)) {
        if (answer.isFull) break;
        await this.addChanges(snapshot, userId, answer, part);
      }
      const known = comparison.known.slice(0, maxCursors);
      for (const moved of await this.reader.listMovedCursors(snapshot, userId, known)) {
        answer.addCursors(moved.conversation_id, moved.participants.map(toParticipantView));
      }
      const { fresh } = comparison;
      for (let i = 0; i < Math.min(fresh.length, maxNewConversations) && !answer.isFull; i += chunk.conversations) {
        const part: readonly Standing[] = fresh.slice(i, Math.min(i + chunk.conversations, maxNewConversations));
        const ids = part.map(({ id }) => id);
        for (const found of await this.conversations.listViewed(snapshot, userId, ids)) answer.addNew(found);
      }
      return { sync: answer.toView(epoch, comparison), heads: answer.heads };
    });
  }

  private async addChanges(
    snapshot: Queryable,
    userId: UserId,
    answer: SyncAnswer,
    moved: readonly Moved[],
  ): Promise<void> {
    const withNew = moved.filter((one) => countNew(one) > 0);
    const withRev = moved.filter(({ since }) => since.rev !== undefined);
    const found = await this.reader.listNew(snapshot, userId, withNew, maxChanges + 1);
    const changed = await this.reader.listChanged(snapshot, userId, withRev, maxChanges + 1);
    const describedAnew = moved.filter(isDescribedAnew).map(({ id }) => id);
    const descriptions = new Map(
      (await this.conversations.listViewed(snapshot, userId, describedAnew)).map((view) => [view.id, view] as const),
    );
    for (const one of moved) {
      if (answer.isFull) return;
      const changes = { new: found.get(one.id) ?? [], changed: changed.get(one.id) ?? [] };
      answer.addChanges(one, changes, descriptions.get(one.id));
    }
  }
}

/** Conversations whose new messages can be read together. */
function* chunksOf(moved: readonly Moved[]): Iterable<readonly Moved[]> {
  let part: Moved[] = [];
  let messages = 0;
  for (const one of moved) {
    const count = Math.min(countNew(one), maxChanges);
    if (part.length > 0 && messages + count > chunk.messages) {
      yield part;
      part = [];
      messages = 0;
    }
    part.push(one);
    messages += count;
  }
  if (part.length > 0) yield part;
}
