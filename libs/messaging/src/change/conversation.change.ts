import type { OutgoingEvent } from '@parley/bus';
import type { ConversationId, ConversationType, Rev, Seq, UserId } from '@parley/contracts';
import type { Transaction } from '@parley/database';
import { type ParticipantRow, type ParticipantState, toParticipantState } from '../participant/participant.state';

/** A conversation's row as its writers lock it. */
export interface LockedConversationRow {
  readonly id: string;
  readonly type: ConversationType;
  readonly visibility: 'private' | 'public';
  readonly posting: 'everyone' | 'moderators';
  readonly last_seq: string;
  readonly rev: string;
  readonly details_rev: string;
  readonly participant_count: number;
}

const findParticipant = `
  SELECT p.user_id, p.role, p.is_muted, p.is_blocked, p.left_at
  FROM participants p
  WHERE p.conversation_id = $1 AND p.user_id = $2`;

/** One or more durable changes of a conversation that is locked: numbers them, and gathers what is to be announced. */
export class ConversationChange {
  readonly id: ConversationId;
  readonly type: ConversationType;
  readonly visibility: 'private' | 'public';
  readonly posting: 'everyone' | 'moderators';
  readonly lastSeq: Seq;
  readonly participantCount: number;
  readonly events: OutgoingEvent[] = [];
  private readonly firstRev: Rev;
  private currentRev: Rev;
  private currentDetailsRev: Rev;

  constructor(
    readonly tx: Transaction,
    row: LockedConversationRow,
  ) {
    this.id = row.id as ConversationId;
    this.type = row.type;
    this.visibility = row.visibility;
    this.posting = row.posting;
    this.lastSeq = Number(row.last_seq);
    this.participantCount = row.participant_count;
    this.firstRev = this.currentRev = Number(row.rev);
    this.currentDetailsRev = Number(row.details_rev);
  }

  /** The number of the last change so far. */
  get rev(): Rev {
    return this.currentRev;
  }

  get detailsRev(): Rev {
    return this.currentDetailsRev;
  }

  get hasMoved(): boolean {
    return this.currentRev > this.firstRev;
  }

  /** The number of one more change. */
  nextRev(): Rev {
    return ++this.currentRev;
  }

  /** The number of one more change of what describes the conversation: its settings, or who takes part. */
  nextDetailsRev(): Rev {
    return (this.currentDetailsRev = this.nextRev());
  }

  /** Publishes events after the commit, in this order. Each change that has a `rev` needs one that carries it. */
  announce(...events: readonly OutgoingEvent[]): void {
    this.events.push(...events);
  }

  /** Who takes part, or did: undefined for somebody who never was in the conversation. */
  async findParticipant(userId: UserId): Promise<ParticipantState | undefined> {
    const [row] = await this.tx.query<ParticipantRow>('participant_state', findParticipant, [this.id, userId]);
    return row && toParticipantState(row);
  }
}
