import type { ClientHeads, ConversationId, Head } from '@parley/contracts';

/** A conversation of the user as the database has it. */
export interface Standing {
  readonly id: ConversationId;
  readonly head: Head;
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
  /** Conversations that the client named and the user is in. */
  readonly known: readonly Standing[];
}

/** @param standings all conversations of the user, in the order in which they are to be told. */
export function compareHeads(heads: ClientHeads, standings: readonly Standing[]): HeadsComparison {
  const named = new Map(Object.entries(heads));
  const moved: Moved[] = [];
  const ahead: Standing[] = [];
  const fresh: Standing[] = [];
  const known: Standing[] = [];
  for (const standing of standings) {
    const given = named.get(standing.id);
    named.delete(standing.id);
    if (given === undefined) {
      fresh.push(standing);
      continue;
    }
    known.push(standing);
    const since = typeof given === 'number' ? { seq: given, rev: undefined } : given;
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

/**
 * Did anything change beside the new messages? Each of them has a `rev`, so that more revs than messages tell of
 * something else.
 */
export function hasOtherChanges({ since, head }: Moved): boolean {
  return since.rev !== undefined && head.rev - since.rev > head.seq - since.seq;
}
