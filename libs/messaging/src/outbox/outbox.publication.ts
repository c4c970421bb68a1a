import type { EventBus } from '@parley/bus';
import {
  type ChatEvent,
  ConversationJoined,
  MessageCreated,
  type MessageView,
  type PayloadOf,
} from '@parley/contracts';

/** One event on its way to the broker; called again, it is the same event to whoever hears it. */
export type Publication = (bus: EventBus) => Promise<void>;

type DurableEvent = ChatEvent<'conversation' | 'user'>;

/** A fact as the outbox keeps it: the event's name, whom or what it is about, the payload. */
export type StoredFact = readonly [name: string, subjectId: string, payload: unknown];

/** Facts that the outbox keeps with their payload, by name. */
const factsByName = new Map<string, DurableEvent>([[ConversationJoined.name, ConversationJoined]]);

/** @param rev of the message's creation; the message may have changed since. */
export function publishMessage(message: MessageView, rev: number): Publication {
  const conversationId = message.conversation_id;
  const dedupId = `${conversationId}:${rev}`;
  return (bus) => bus.publish(MessageCreated, conversationId, { v: 1, conversationId, rev, message }, { dedupId });
}

export function toStoredFact<E extends DurableEvent>(event: E, subjectId: string, payload: PayloadOf<E>): StoredFact {
  return [event.name, subjectId, payload];
}

/**
 * @param outboxId of the row that holds the facts.
 * @returns undefined where a newer version of this service wrote a fact that this one does not know: its relay publishes it.
 */
export function publishFacts(outboxId: string, facts: readonly StoredFact[]): Publication[] | undefined {
  const publications = facts.flatMap(([name, subjectId, payload], place): Publication[] => {
    const event = factsByName.get(name);
    const dedupId = `outbox:${outboxId}:${place}`;
    return event === undefined ? [] : [(bus) => bus.publish(event, subjectId, payload, { dedupId })];
  });
  return publications.length === facts.length ? publications : undefined;
}
