import type { ClientHeads, ConversationId, Head, Rev, Seq } from '@parley/contracts';

/** A conversation of the user as the database has it. */
export interface Standing {
  readonly id: ConversationId;
  readonly head: Head;
  /** The rev of the last change to its settings or to who takes part. */
  readonly detailsRev: Rev;
  /** Not in the user's list until its next message. */
  readonly isHidden: boolean;
}

/** A conversation that has moved past what the client has seen of it. */
export interface Moved extends Standing {
  /** What the client has seen. `rev` is undefined where it gave a bare `seq`: then older changes are not its concern. */
  readonly since: { readonly seq: number; readonly rev: number | undefined };
}

/** Where a client's heads and the database differ. */
export interface HeadsComparison {
  readonly moved: readonly Moved[];
  /** Heads that are above the truth, as of a client that has seen another database: the truth is all to tell. */
  readonly ahead: readonly Standing[];
  /** Conversations that the client did not name. */
  readonly fresh: readonly Standing[];
  /** What the client named and the user is not in. */
  readonly gone: readonly string[];
  readonly known: readonly Known[];
}

/** A conversation that the client named and the user is in. */
export interface Known extends Standing {
  readonly seenSeq: Seq;
  /** The client gave a bare `seq`. */
  readonly isBare: boolean;
}

/** @param standings all conversations of the user, in the order in which they are to be told. */
export function compareHeads(heads: ClientHeads, standings: readonly Standing[]): HeadsComparison {
  const named = new Map(Object.entries(heads));
  const moved: Moved[] = [];
  const ahead: Standing[] = [];
  const fresh: Standing[] = [];
  const known: Known[] = [];
  for (const standing of standings) {
    const given = named.get(standing.id);
    named.delete(standing.id);
    if (given === undefined) {
      if (!standing.isHidden) fresh.push(standing);
      continue;
    }
    const since = typeof given === 'number' ? { seq: given, rev: undefined } : given;
    known.push({ ...standing, seenSeq: since.seq, isBare: since.rev === undefined });
    if (isAhead(since, standing.head)) ahead.push(standing);
    else if (since.seq < standing.head.seq || (since.rev ?? standing.head.rev) < standing.head.rev) {
      moved.push({ ...standing, since });
    }
  }
  return { moved, ahead, fresh, gone: [...named.keys()], known };
}

function isAhead(since: Moved['since'], head: Head): boolean {
  return since.seq > head.seq || (since.rev ?? 0) > head.rev;
}

/** New messages of a conversation. */
export function countNew({ since, head }: Moved): number {
  return head.seq - since.seq;
}

/** Did what describes the conversation change? A client that gave a bare `seq` is not told. */
export function isDescribedAnew({ since, detailsRev }: Moved): boolean {
  return since.rev !== undefined && detailsRev > since.rev;
}
