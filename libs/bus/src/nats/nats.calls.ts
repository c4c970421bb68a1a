import { Logger } from '@nestjs/common';
import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { AppError } from '@parley/errors';
import type { RawField } from '@parley/contracts';
import { type AnswerEnvelope, isAnswer, type RequestEnvelope } from '../rpc/rpc.envelope';
import { answerLinesIn, answersName, readAnswerLine, replicaOf } from './answer.line';
import { JsonBundle } from './json.bundle';
import { natsFailure } from './nats.errors';
import { NatsReplicas } from './nats.replicas';
import { aimedAt } from './nats.subjects';
import type { OutgoingTurn } from './outgoing.turn';

/** Calls in one message at most: it goes to one replica, and the others should get theirs. */
const maxCallsPerMessage = 32;
/** Of one message, in characters. */
const maxMessageLength = 200_000;

/** Where a call goes, and what becomes of its answer. */
export interface CallTarget {
  readonly subject: string;
  readonly service: string;
  /** Calls that have it in common go to the same replica, if one is known. */
  readonly affinity: string | undefined;
  readonly timeoutMs: number;
  readonly rawField: RawField | undefined;
}

interface PendingCall {
  readonly target: CallTarget;
  /** The last word of the reply subject of the message that it went in. */
  bundle: string;
  /** The replica that it was aimed at, and the request, to aim it elsewhere. */
  aim: { readonly replica: string; readonly request: string } | undefined;
  readonly timer: NodeJS.Timeout;
  resolve(answer: AnswerEnvelope): void;
  reject(error: AppError): void;
}

/** A message that is being put together in this turn of the event loop. */
interface OutgoingCalls {
  readonly name: string;
  readonly requests: JsonBundle;
}

/**
 * The calls of this process and their answers: those of one turn to one subject go in one message, whose answers come as
 * they are ready, together with answers to other messages.
 */
export class NatsCalls {
  private readonly logger = new Logger(NatsCalls.name);
  private readonly inbox = createInbox();
  private readonly pending = new Map<number, PendingCall>();
  private readonly outgoing = new Map<string, OutgoingCalls>();
  private readonly replicas = new NatsReplicas();
  private lastCall = 0;
  private lastBundle = 0;

  constructor(
    private readonly connection: NatsConnection,
    private readonly turn: OutgoingTurn,
  ) {
    connection.subscribe(`${this.inbox}.*`, { callback: (error, message) => this.received(error, message) });
  }

  /** @throws AppError `service_unavailable`, `payload_too_large`; `internal_error` for what is no answer. */
  ask(envelope: RequestEnvelope, target: CallTarget): Promise<AnswerEnvelope> {
    const { subject, service, affinity } = target;
    const call = ++this.lastCall;
    return new Promise((resolve, reject) => {
      const request = JSON.stringify({ i: call, ...envelope });
      const replica = affinity === undefined ? undefined : this.replicas.of(service, affinity);
      const bundle = this.put(replica === undefined ? subject : aimedAt(subject, replica), request);
      const timer = setTimeout(() => this.expire(call), target.timeoutMs);
      const aim = replica === undefined ? undefined : { replica, request };
      this.pending.set(call, { target, bundle, aim, timer, resolve, reject });
    });
  }

  /** @returns the name of the message that the request goes in. */
  private put(subject: string, request: string): string {
    const present = this.outgoing.get(subject);
    if (present?.requests.add(request)) return present.name;
    const next = { name: String(++this.lastBundle), requests: new JsonBundle(maxCallsPerMessage, maxMessageLength) };
    next.requests.add(request);
    this.outgoing.set(subject, next);
    this.turn.add(() => this.send(subject, next));
    return next.name;
  }

  private send(subject: string, { name, requests }: OutgoingCalls): void {
    if (this.outgoing.get(subject)?.name === name) this.outgoing.delete(subject);
    try {
      this.connection.publish(subject, requests.toArray(), { reply: `${this.inbox}.${name}` });
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
    else this.answeredAsOne(name, message);
  }

  private answeredTogether(text: string): void {
    const replica = replicaOf(text);
    for (const [number, line] of answerLinesIn(text)) {
      const call = this.take(number);
      if (!call) continue;
      if (replica !== undefined) this.replicas.heard(call.target.service, replica);
      try {
        call.resolve(readAnswerLine(number, line, call.target.rawField));
      } catch {
        call.reject(notAnAnswer());
      }
    }
  }

  /** What comes on a message's own reply subject is for all of its calls. */
  private answeredAsOne(name: string, message: Msg): void {
    // So the broker says that nobody listens.
    if (message.headers?.code === 503) return this.unheard(name);
    const answer = readAnswer(message);
    this.settle(name, (call) => {
      if (isAnswer(answer)) call.resolve(answer);
      else call.reject(notAnAnswer());
    });
  }

  /** Nobody has got these calls: those that were aimed at a replica that is gone go to whichever takes them. */
  private unheard(bundle: string): void {
    for (const call of this.pending.values()) {
      if (call.bundle !== bundle || !call.aim) continue;
      this.replicas.lost(call.target.service, call.aim.replica);
      call.bundle = this.put(call.target.subject, call.aim.request);
      call.aim = undefined;
    }
    this.settle(bundle, (call) =>
      call.reject(new AppError('service_unavailable', { cause: new Error('Nobody listens') })),
    );
  }

  private expire(number: number): void {
    const call = this.take(number);
    if (!call) return;
    const { subject, service } = call.target;
    if (call.aim) this.replicas.lost(service, call.aim.replica);
    call.reject(new AppError('service_unavailable', { cause: new Error(`${subject} did not answer in time`) }));
  }

  private settle(bundle: string, how: (call: PendingCall) => void): void {
    for (const [number, call] of this.pending) {
      if (call.bundle === bundle && this.take(number)) how(call);
    }
  }

  private take(number: number): PendingCall | undefined {
    const call = this.pending.get(number);
    if (!call) return undefined;
    this.pending.delete(number);
    clearTimeout(call.timer);
    return call;
  }
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
