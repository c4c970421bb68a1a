import type { ServerFrame, SyncView } from '@parley/contracts';
import type { ReceivedFrame } from '../client/frame.log';

/** Revs that a socket was not shown: right only where the server repaired, and what they changed was shown with a later one. */
export interface Gap {
  readonly conversationId: string;
  readonly after: number;
  readonly before: number;
}

interface Position {
  seq: number;
  rev: number;
  /** The server has said that something is missing here: what comes next may be anything later. */
  isLoose: boolean;
}

/** The events of durable changes: each carries the `rev` that it is the change of. */
const changes = new Set([
  'new_message',
  'message_edited',
  'message_deleted',
  'message_pinned',
  'message_unpinned',
  'reaction_added',
  'reaction_removed',
  'conversation_updated',
  'conversation_deleted',
  'participant_added',
  'participant_updated',
  'participant_removed',
]);

type Change = ServerFrame<'new_message'> & { readonly user_id?: string };

/** Watches one socket from its first frame on, and keeps of what it was shown as much as can be judged. */
export class SocketWitness {
  /** Sentences on what cannot be right, whatever the database says. */
  readonly wrongs: string[] = [];
  readonly gaps: Gap[] = [];
  /** By conversation: every rev that the socket was told of, and by what. */
  readonly seen = new Map<string, Map<number, string>>();
  /** Of the history that it was told of: more than one where that was rewound. */
  readonly epochs = new Set<string>();
  private readonly at = new Map<string, Position>();
  private readonly left = new Set<string>();
  private frames = 0;
  /** The handshake's answer had no room for all conversations: the session does not say where the others stand. */
  private isCut = false;

  /** @param gaveHeads the handshake carried heads: `synced` must be the second frame. */
  constructor(
    readonly name: string,
    readonly userId: string,
    private readonly gaveHeads: boolean,
  ) {}

  hear({ event, payload }: ReceivedFrame): void {
    // They tell why there is no session, or will be none any more.
    if (event === 'error' || event === 'draining') return;
    this.frames++;
    if (event === 'session') this.begin(payload as ServerFrame<'session'>);
    else if (this.frames === 1) this.wrong(`was shown ${event} before session`);
    else if (event === 'synced') this.resume(payload as ServerFrame<'synced'>);
    else if (this.frames === 2 && this.gaveHeads) this.wrong(`was shown ${event} before synced`);
    else if (event === 'conversation_created') this.enter(payload as ServerFrame<'conversation_created'>);
    else if (event === 'resync') this.loosen(payload as ServerFrame<'resync'>);
    else if (changes.has(event)) this.follow(event, payload as Change);
    else this.overhear(event, payload as { readonly conversation_id?: string });
  }

  /**
   * An answer to `sync`: it may tell of what the user is in, and of nothing else. Where it is cut it ends somewhere in the
   * past, which whoever is in may read.
   */
  hearSync({ epoch, conversations, new_conversations }: SyncView): void {
    this.epochs.add(epoch);
    for (const [id, { rev, has_more }] of Object.entries(conversations)) if (!has_more) this.note(id, rev, 'sync');
    for (const { id, rev } of new_conversations) this.note(id, rev, 'sync, as new');
  }

  private resume(missed: ServerFrame<'synced'>): void {
    if (this.frames === 2 && this.gaveHeads) this.isCut = missed.has_more;
    this.hearSync(missed);
  }

  private begin({ epoch, heads }: ServerFrame<'session'>): void {
    this.epochs.add(epoch);
    if (this.frames > 1) this.wrong('was shown session again');
    for (const [id, { seq, rev }] of Object.entries(heads)) {
      this.at.set(id, { seq, rev, isLoose: false });
      this.note(id, rev, 'session');
    }
  }

  private enter({ conversation_id: id, rev, conversation }: ServerFrame<'conversation_created'>): void {
    const position = this.at.get(id);
    if (position && position.rev >= rev) this.wrong(`was brought into conversation ${id} at rev ${rev} again`);
    this.at.set(id, { seq: conversation.last_seq, rev, isLoose: false });
    this.note(id, rev, 'conversation_created');
  }

  private loosen({ conversation_ids }: ServerFrame<'resync'>): void {
    for (const id of conversation_ids ?? this.at.keys()) {
      const position = this.at.get(id);
      if (position) position.isLoose = true;
    }
  }

  private follow(event: string, { conversation_id: id, rev, message, user_id }: Change): void {
    this.note(id, rev, event);
    if (message) this.note(id, message.rev, `the message in ${event} (rev ${rev})`);
    const position = this.positionIn(id, rev);
    const isOwnEnd = event === 'conversation_deleted' || (event === 'participant_removed' && user_id === this.userId);
    if (!position) return this.wrong(`was shown ${event} (rev ${rev}) of conversation ${id}, in which it is not`);
    const isFree = position.isLoose || isOwnEnd;
    if (rev <= position.rev) this.wrong(`was shown rev ${rev} of conversation ${id} after rev ${position.rev}`);
    else if (rev > position.rev + 1 && !isFree)
      this.gaps.push({ conversationId: id, after: position.rev, before: rev });
    if (event === 'new_message') this.followSeq(id, position, message.seq);
    position.rev = Math.max(rev, position.rev);
    position.isLoose = false;
    if (isOwnEnd) this.leave(id);
  }

  private positionIn(id: string, rev: number): Position | undefined {
    if (this.isCut && !this.at.has(id) && !this.left.has(id)) this.at.set(id, { seq: 0, rev: rev - 1, isLoose: true });
    return this.at.get(id);
  }

  private leave(id: string): void {
    this.at.delete(id);
    this.left.add(id);
  }

  /** What is no durable change (receipts, typing) is for those who are in the conversation, too. */
  private overhear(event: string, { conversation_id: id }: { readonly conversation_id?: string }): void {
    if (id === undefined || event === 'scheduled_failed' || this.at.has(id)) return;
    if (this.isCut && !this.left.has(id)) return;
    this.wrong(`was shown ${event} of conversation ${id}, in which it is not`);
  }

  private followSeq(id: string, position: Position, seq: number): void {
    const isNext = seq === position.seq + 1 || (position.isLoose && seq > position.seq);
    if (!isNext) this.wrong(`was shown message ${seq} of conversation ${id} after message ${position.seq}`);
    position.seq = Math.max(seq, position.seq);
  }

  private note(id: string, rev: number, by: string): void {
    const revs = this.seen.get(id) ?? new Map<number, string>();
    if (!revs.has(rev)) revs.set(rev, by);
    this.seen.set(id, revs);
  }

  private wrong(sentence: string): void {
    this.wrongs.push(`${this.name} ${sentence}`);
  }
}
