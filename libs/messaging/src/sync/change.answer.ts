import type { Head, ListChanges, MessageView, ParticipantView, ResponseOf, Rev, UserId } from '@parley/contracts';
import { AnswerBudget } from '../answer/answer.budget';
import { maxChanges } from '../message/message-history.policy';

/** What was found beyond a head: each list by rev, with one more than may be told where there are more. */
export interface FoundChanges {
  readonly head: Head;
  readonly messages: readonly { readonly rev: Rev; readonly message: MessageView }[];
  readonly changed: readonly MessageView[];
  readonly participants: readonly { readonly rev: Rev; readonly participant: ParticipantView }[];
  readonly removed: readonly { readonly rev: Rev; readonly userId: UserId }[];
}

type Told = Pick<ResponseOf<typeof ListChanges>, 'messages' | 'changed' | 'participants' | 'head' | 'hasMore'>;

/** As much of it, in the order of revs, as one answer may hold; the head says where it ends. */
export function toldOf(found: FoundChanges, since: Head): Told {
  const endRev = endOf(found);
  const messages = found.messages.filter(({ rev }) => rev <= endRev);
  return {
    messages,
    changed: found.changed.filter(({ rev }) => rev <= endRev),
    participants: found.participants.filter(({ rev }) => rev <= endRev),
    head: endRev < found.head.rev ? { seq: messages.at(-1)?.message.seq ?? since.seq, rev: endRev } : found.head,
    hasMore: endRev < found.head.rev,
  };
}

/** The rev up to which everything fits. */
function endOf({ head, messages, changed, participants }: FoundChanges): Rev {
  const lists = [messages, changed, participants];
  // Of a list that was cut nothing is known beyond its last item.
  const known = Math.min(head.rev, ...lists.map((list) => (list[maxChanges]?.rev ?? Infinity) - 1));
  const items = [...messages, ...changed, ...participants]
    .filter(({ rev }) => rev <= known)
    .sort((a, b) => a.rev - b.rev);
  const told = new AnswerBudget().takeFirst(items.slice(0, maxChanges));
  return told.length < items.length ? (told.at(-1)?.rev ?? known) : known;
}
