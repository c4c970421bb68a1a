import { JsonBundle } from './json.bundle';
import type { OutgoingTurn } from './outgoing.turn';

/** Calls in one message at most: it goes to one replica, and the others should get theirs. */
const maxCallsPerMessage = 32;
/** Of one message, in characters. */
const maxMessageLength = 200_000;

/** A message that is being put together in this turn of the event loop. */
interface OutgoingMessage {
  readonly name: string;
  readonly requests: JsonBundle;
}

/** Requests on their way: those of one turn to one subject go in one message. */
export class OutgoingCalls {
  private readonly messages = new Map<string, OutgoingMessage>();
  private last = 0;

  /** @param publish sends the text of a message; must not throw. */
  constructor(
    private readonly turn: OutgoingTurn,
    private readonly publish: (subject: string, name: string, text: string) => void,
  ) {}

  /** @returns the name of the message that the request goes in. */
  add(subject: string, request: string): string {
    const present = this.messages.get(subject);
    if (present?.requests.add(request)) return present.name;
    const next = { name: String(++this.last), requests: new JsonBundle(maxCallsPerMessage, maxMessageLength) };
    next.requests.add(request);
    this.messages.set(subject, next);
    this.turn.add(() => this.send(subject, next));
    return next.name;
  }

  private send(subject: string, message: OutgoingMessage): void {
    if (this.messages.get(subject) === message) this.messages.delete(subject);
    this.publish(subject, message.name, message.requests.toArray());
  }
}
