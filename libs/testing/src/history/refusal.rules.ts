// What was refused, and whether the state of things explains it: a message that is deleted, a conversation that was left.
import type { FailedAttempt, RunRecord, StoredConversation } from './run.record';

/**
 * A membership is written before it is committed, and a process may stand still in between: so much later, in milliseconds,
 * somebody who came back may still have been outside.
 */
const commitMs = 15_000;

/** Whoever asked long enough was answered, and refused only for a reason that is true. */
export function everythingIsAnswered({ failures, conversations }: RunRecord): string[] {
  const byId = new Map(conversations.map((each) => [each.id, each]));
  return failures.flatMap((failure) => {
    const conversation = byId.get(failure.conversationId ?? '');
    if (conversation && isExplained(failure, conversation)) return [];
    const { userId, what, code, seq } = failure;
    const subject = seq === undefined ? '' : `message ${seq} of `;
    const where = conversation ? ` in ${subject}conversation ${conversation.id}` : '';
    return [`${what} of ${userId}${where} ended with ${code}`];
  });
}

function isExplained(failure: FailedAttempt, conversation: StoredConversation): boolean {
  if (failure.code === 'message_deleted') {
    return conversation.messages.some(({ seq, isDeleted }) => seq === failure.seq && isDeleted);
  }
  return failure.code === 'not_a_participant' && wasOutside(failure, conversation);
}

/** At any time while the attempt was under way. */
function wasOutside({ userId, from, until }: FailedAttempt, { memberships }: StoredConversation): boolean {
  const own = memberships.filter((each) => each.userId === userId);
  const absences = [{ isIn: false, at: -Infinity }, ...own].map(({ isIn, at }, index) => {
    const returned = own[index];
    return { isIn, from: at, until: returned ? returned.at + commitMs : Infinity };
  });
  return absences.some((each) => !each.isIn && each.from <= until && each.until >= from);
}
