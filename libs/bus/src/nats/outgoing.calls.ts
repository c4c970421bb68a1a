import { Gathering } from './gathering';
import type { OutgoingTurn } from './outgoing.turn';
import { type Sending, toRequestBundle, toRequestText } from './request.bundle';
import { TextBundle } from './text.bundle';

/** Calls in one message at most: it goes to one replica, and the others should get theirs. */
const maxCallsPerMessage = 32;
/** Of one message, in characters. */
const maxMessageLength = 200_000;

/** One request, without its place in a message. */
export interface OutgoingRequest {
  readonly call: number;
  /** In milliseconds since the epoch. */
  readonly deadlineAt: number;
  readonly requestId: string;
  readonly request: unknown;
}

/** A message of requests; it is being put together until this turn of the event loop ends. */
export class OutgoingMessage implements Sending {
  readonly sentAt = Date.now();
  /** Of when it leaves, not of when it was begun: a call may just have found out that it is another one. */
  clock = 0;
  private readonly requests = new TextBundle(maxCallsPerMessage, maxMessageLength);

  /**
   * @param name the last word of its reply subject.
   * @param replica which it is aimed at, if at a certain one.
   */
  constructor(
    readonly subject: string,
    readonly name: string,
    readonly replica: string | undefined,
  ) {}

  /** @returns false, with nothing done, when it is full. */
  add({ call, deadlineAt, requestId, request }: OutgoingRequest): boolean {
    return this.requests.add(toRequestText(call, deadlineAt - this.sentAt, requestId, request));
  }

  text(): string {
    return toRequestBundle(this, this.requests.parts);
  }
}

/** Requests on their way: those of one turn to one subject go in one message. */
export class OutgoingCalls {
  private readonly messages = new Gathering<OutgoingMessage>();
  private last = 0;

  /** @param publish sends a message; must not throw. */
  constructor(
    private readonly turn: OutgoingTurn,
    private readonly publish: (message: OutgoingMessage) => void,
  ) {}

  /** @returns the message that the request goes in. */
  add(subject: string, replica: string | undefined, request: OutgoingRequest): OutgoingMessage {
    const present = this.messages.get(subject);
    if (present?.add(request)) return present;
    const next = new OutgoingMessage(subject, String(++this.last), replica);
    next.add(request);
    this.messages.set(subject, next);
    this.turn.add(() => this.send(next));
    return next;
  }

  private send(message: OutgoingMessage): void {
    this.messages.delete(message.subject, message);
    this.publish(message);
  }
}
