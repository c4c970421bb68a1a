import { type ChatEvent, type PayloadOf, subjectOf } from '@parley/contracts';

/** A durable fact about one conversation or user, ready to be published; plain data, so that an outbox can keep it. */
export interface OutgoingEvent {
  readonly subject: string;
  readonly payload: unknown;
  readonly isBulk?: boolean | undefined;
}

export function outgoing<E extends ChatEvent<'conversation' | 'user'>>(
  event: E,
  id: string,
  payload: PayloadOf<E>,
): OutgoingEvent {
  return { subject: subjectOf(event, id), payload, isBulk: event.isBulk };
}
