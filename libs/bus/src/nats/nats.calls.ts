import { Logger } from '@nestjs/common';
import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { AppError } from '@parley/errors';
import type { RawField } from '@parley/contracts';
import { type AnswerEnvelope, isAnswer, type NumberedRequest, type RequestEnvelope } from '../rpc/rpc.envelope';
import { answerLinesIn, answersName, readAnswerLine, replicaOf } from './answer.line';
import { BusyKeys } from './busy.keys';
import { natsFailure } from './nats.errors';
import { NatsReplicas } from './nats.replicas';
import { aimedAt } from './nats.subjects';
import { OutgoingCalls } from './outgoing.calls';
import type { OutgoingTurn } from './outgoing.turn';

/** With less time left a refused call is late indeed, or would be before it is answered, in milliseconds. */
const worthAskingMs = 100;

/** Where a call goes, and what becomes of its answer. */
export interface CallTarget {
  readonly subject: string;
  readonly service: string;
  /** Calls that have it in common go to the same replica, if one is known and there are several at a time. */
  readonly affinity: string | undefined;
  readonly timeoutMs: number;
  readonly rawField: RawField | undefined;
}

/** How a request went out. */
interface Sending {
  /** The last word of the reply subject of the message that it went in. */
  readonly bundle: string;
  /** Which it was aimed at. */
  readonly replica: string | undefined;
  readonly clock: number;
}

interface PendingCall {
  readonly request: RequestEnvelope;
  readonly target: CallTarget;
  readonly timer: NodeJS.Timeout;
  sent: Sending;
  /** It was refused as late before. */
  isRepeated: boolean;
  resolve(answer: AnswerEnvelope): void;
  reject(error: AppError): void;
}

/**
 * The calls of this process and their answers: those of one turn to one subject go in one message, whose answers come as
 * they are ready, together with answers to other messages.
 */
export class NatsCalls {
  private readonly logger = new Logger(NatsCalls.name);
  private readonly inbox = createInbox();
  private readonly pending = new Map<number, PendingCall>();
  private readonly outgoing: OutgoingCalls;
  private readonly replicas = new NatsReplicas();
  private readonly busy = new BusyKeys();
  private lastCall = 0;
  private clock = 0;

  constructor(
    private readonly connection: NatsConnection,
    turn: OutgoingTurn,
  ) {
    this.outgoing = new OutgoingCalls(turn, (subject, name, text) => this.publish(subject, name, text));
    connection.subscribe(`${this.inbox}.*`, { callback: (error, message) => this.received(error, message) });
  }

  /** @throws AppError `service_unavailable`, `payload_too_large`; `internal_error` for what is no answer. */
  ask(request: RequestEnvelope, target: CallTarget): Promise<AnswerEnvelope> {
    const { service, affinity, timeoutMs } = target;
    const number = ++this.lastCall;
    return new Promise((resolve, reject) => {
      // What comes alone gathers with nothing: it goes with the other calls of its turn, to whichever replica takes them.
      const isAimed = affinity !== undefined && this.busy.begin(affinity);
      const replica = isAimed ? this.replicas.of(service, affinity) : undefined;
      const sent = this.send(number, request, target, replica);
      const timer = setTimeout(() => this.expire(number), timeoutMs);
      this.pending.set(number, { request, target, timer, sent, isRepeated: false, resolve, reject });
    });
  }

  private send(number: number, request: RequestEnvelope, target: CallTarget, replica?: string): Sending {
    const { d, deadlineAt, requestId } = request;
    const { clock } = this;
    const numbered: NumberedRequest = { i: number, d, deadlineAt, requestId, sentAt: Date.now(), clock };
    const subject = replica === undefined ? target.subject : aimedAt(target.subject, replica);
    return { bundle: this.outgoing.add(subject, JSON.stringify(numbered)), replica, clock };
  }

  private publish(subject: string, name: string, text: string): void {
    try {
      this.connection.publish(subject, text, { reply: `${this.inbox}.${name}` });
    } catch (cause) {
      this.settle(name, (call) => call.reject(natsFailure(cause)));
    }
  }

  private received(error: Error | null, message: Msg): void {
    if (error) {
      this.logger.error({ msg: 'Answers cannot be heard', err: error });
      return;
    }
    const name = message.subject.slice(this.inbox.length + 1);
    if (name === answersName) this.answeredTogether(message.string());
    // So the broker says that nobody listens.
    else if (message.headers?.code === 503) this.unheard(name);
    else this.answeredAsOne(name, message);
  }

  private answeredTogether(text: string): void {
    const replica = replicaOf(text);
    for (const [number, line] of answerLinesIn(text)) {
      const call = this.pending.get(number);
      if (!call) continue;
      if (replica !== undefined) this.replicas.heard(call.target.service, replica);
      this.answered(number, call, line);
    }
  }

  private answered(number: number, call: PendingCall, line: string): void {
    try {
      const answer = readAnswerLine(number, line, call.target.rawField);
      if (isLate(answer) && this.askAgain(number, call)) return;
      this.take(number)?.resolve(answer);
    } catch {
      this.take(number)?.reject(notAnAnswer());
    }
  }

  /**
   * An answer that comes in time says itself that the call was not late: who answered thinks of another clock, for one of
   * both was set. Nothing was begun, and whoever gets it now learns how far the clocks are apart.
   *
   * @returns false where the time is over, or it was tried before.
   */
  private askAgain(number: number, call: PendingCall): boolean {
    const { request, target, sent } = call;
    if (call.isRepeated || request.deadlineAt - Date.now() < worthAskingMs) return false;
    if (sent.clock === this.clock) this.clock++;
    call.sent = this.send(number, request, target);
    call.isRepeated = true;
    return true;
  }

  /** What comes on a message's own reply subject is for all of its calls. */
  private answeredAsOne(name: string, message: Msg): void {
    const answer = readAnswer(message);
    this.settle(name, (call) => {
      if (isAnswer(answer)) call.resolve(answer);
      else call.reject(notAnAnswer());
    });
  }

  /** Nobody has got these calls: those that were aimed at a replica that is gone go to whichever takes them. */
  private unheard(bundle: string): void {
    for (const [number, call] of this.pending) {
      const { request, target, sent } = call;
      if (sent.bundle !== bundle || sent.replica === undefined) continue;
      this.replicas.lost(target.service, sent.replica);
      call.sent = this.send(number, request, target);
    }
    this.settle(bundle, (call) =>
      call.reject(new AppError('service_unavailable', { cause: new Error('Nobody listens') })),
    );
  }

  private expire(number: number): void {
    const call = this.take(number);
    if (!call) return;
    const { target, sent } = call;
    if (sent.replica !== undefined) this.replicas.lost(target.service, sent.replica);
    call.reject(new AppError('service_unavailable', { cause: new Error(`${target.subject} did not answer in time`) }));
  }

  private settle(bundle: string, how: (call: PendingCall) => void): void {
    for (const [number, call] of this.pending) {
      if (call.sent.bundle === bundle && this.take(number)) how(call);
    }
  }

  private take(number: number): PendingCall | undefined {
    const call = this.pending.get(number);
    if (!call) return undefined;
    this.pending.delete(number);
    clearTimeout(call.timer);
    if (call.target.affinity !== undefined) this.busy.end(call.target.affinity);
    return call;
  }
}

function isLate(answer: AnswerEnvelope): boolean {
  return !answer.ok && answer.error.isLate === true;
}

function notAnAnswer(): AppError {
  return new AppError('internal_error', { cause: new Error('What came is no answer') });
}

function readAnswer(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    // Not JSON: no answer of ours either.
    return undefined;
  }
}
