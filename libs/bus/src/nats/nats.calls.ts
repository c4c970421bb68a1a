import { Logger } from '@nestjs/common';
import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { AppError } from '@parley/errors';
import type { RequestOf, ResponseOf, Rpc } from '@parley/contracts';
import { type Expiring, ExpirySweep } from '../rpc/expiry.sweep';
import { SlotMap } from '../rpc/slot.map';
import type { CallOptions } from '../rpc/rpc.client';
import { type AnswerEnvelope, type Caller, give, isAnswer } from '../rpc/rpc.envelope';
import { answersName, readAnswerLine, readAnswerLines, senderOf } from './answer.line';
import { BusyKeys } from './busy.keys';
import { natsFailure } from './nats.errors';
import { NatsReplicas } from './nats.replicas';
import { aimedAt, serviceOf } from './nats.subjects';
import { OutgoingCalls, type OutgoingMessage, type OutgoingRequest } from './outgoing.calls';
import type { OutgoingTurn } from './outgoing.turn';

/** With less time left a refused call is late indeed, or would be before it is answered, in milliseconds. */
const worthAskingMs = 100;

/** Where calls of a contract go. */
export class CallTarget {
  readonly service: string;

  /** @param subject as the broker knows it. */
  constructor(
    readonly rpc: Rpc,
    readonly subject: string,
  ) {
    this.service = serviceOf(rpc);
  }
}

interface PendingCall extends OutgoingRequest, Expiring, Caller {
  /** Its key among those that are pending, which the answer names. */
  call: number;
  readonly target: CallTarget;
  /** It may be aimed at a replica; those that have it in common are best aimed at the same one. */
  readonly affinity: string | undefined;
  /** The message that it went in. */
  sent: OutgoingMessage | undefined;
  /** It was refused as late before. */
  isRepeated: boolean;
}

/**
 * The calls of this process and their answers: those of one turn to one subject go in one message, whose answers come as
 * they are ready, together with answers to other messages.
 */
export class NatsCalls {
  private readonly logger = new Logger(NatsCalls.name);
  private readonly inbox = createInbox();
  private readonly pending = new SlotMap<PendingCall>();
  private readonly expiry = new ExpirySweep(this.pending, (call) => this.expire(call));
  private readonly outgoing: OutgoingCalls;
  private readonly replicas = new NatsReplicas();
  private readonly busy = new BusyKeys();
  private clock = 0;

  constructor(
    private readonly connection: NatsConnection,
    turn: OutgoingTurn,
  ) {
    this.outgoing = new OutgoingCalls(turn, (message) => this.publish(message));
    connection.subscribe(`${this.inbox}.*`, { callback: (error, message) => this.received(error, message) });
  }

  /**
   * @returns the response that the answer holds.
   * @throws AppError what was answered; `service_unavailable`, `payload_too_large`; `internal_error` for what is no answer.
   */
  ask<R extends Rpc>(
    target: CallTarget,
    request: RequestOf<R>,
    options: Required<CallOptions>,
  ): Promise<ResponseOf<R>> {
    const { timeoutMs, requestId } = options;
    const affinity = target.rpc.affinity?.(request);
    const replica = this.replicaFor(target, affinity);
    return new Promise((resolve, reject) => {
      const call: PendingCall = {
        call: 0,
        target,
        request,
        requestId,
        affinity,
        deadlineAt: Date.now() + timeoutMs,
        expiresAt: performance.now() + timeoutMs,
        sent: undefined,
        isRepeated: false,
        resolve,
        reject,
      };
      call.call = this.pending.add(call);
      this.send(call, replica);
      this.expiry.watch();
    });
  }

  /** @returns undefined where any will do. */
  private replicaFor({ service }: CallTarget, affinity: string | undefined): string | undefined {
    if (affinity === undefined) return undefined;
    // The key counts only once replicas share the calls: what comes alone gathers with nothing then, and goes to any.
    const isBusy = this.busy.begin(affinity);
    return this.replicas.next(service, isBusy ? affinity : undefined, this.expiry.waitedMs);
  }

  private send(call: PendingCall, replica?: string): void {
    const { subject } = call.target;
    call.sent = this.outgoing.add(replica === undefined ? subject : aimedAt(subject, replica), replica, call);
  }

  private publish(message: OutgoingMessage): void {
    message.clock = this.clock;
    try {
      this.connection.publish(message.subject, message.text(), { reply: `${this.inbox}.${message.name}` });
    } catch (cause) {
      this.settle(message.name, (call) => call.reject(natsFailure(cause)));
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
    const sender = senderOf(text);
    /** Lines of one message are mostly of one service. */
    let heard: string | undefined;
    readAnswerLines(text, (number, line) => {
      const call = this.pending.get(number);
      if (!call) return;
      const { service } = call.target;
      if (sender && service !== heard) this.replicas.heard((heard = service), sender.replica, sender.load);
      this.answered(call, line);
    });
  }

  private answered(call: PendingCall, line: string): void {
    let answer: AnswerEnvelope;
    try {
      answer = readAnswerLine(line, call.target.rpc.rawField);
    } catch {
      if (this.take(call)) call.reject(notAnAnswer());
      return;
    }
    if (isLate(answer) && this.askAgain(call)) return;
    if (this.take(call)) give(call, call.target.rpc, answer);
  }

  /**
   * An answer that comes in time says itself that the call was not late: who answered thinks of another clock, for one of
   * both was set. Nothing was begun, and whoever gets it now learns how far the clocks are apart.
   *
   * @returns false where the time is over, or it was tried before.
   */
  private askAgain(call: PendingCall): boolean {
    if (call.isRepeated || call.deadlineAt - Date.now() < worthAskingMs) return false;
    if (call.sent?.clock === this.clock) this.clock++;
    this.send(call);
    call.isRepeated = true;
    return true;
  }

  /** What comes on a message's own reply subject is for all of its calls. */
  private answeredAsOne(name: string, message: Msg): void {
    const answer = readAnswer(message);
    this.settle(name, (call) => {
      if (isAnswer(answer)) give(call, call.target.rpc, answer);
      else call.reject(notAnAnswer());
    });
  }

  /** Nobody has got these calls: those that were aimed at a replica that is gone go to whichever takes them. */
  private unheard(name: string): void {
    for (const call of this.pending.values()) {
      const { target, sent } = call;
      if (sent?.name !== name || sent.replica === undefined) continue;
      this.replicas.lost(target.service, sent.replica);
      this.send(call);
    }
    this.settle(name, (call) =>
      call.reject(new AppError('service_unavailable', { cause: new Error('Nobody listens') })),
    );
  }

  /** Says nothing of the replica: it may answer others meanwhile, and where it does not, its silence has told long since. */
  private expire(call: PendingCall): void {
    if (!this.take(call)) return;
    const { subject } = call.target;
    call.reject(new AppError('service_unavailable', { cause: new Error(`${subject} did not answer in time`) }));
  }

  /** Ends the calls of a message. */
  private settle(name: string, how: (call: PendingCall) => void): void {
    for (const call of this.pending.values()) if (call.sent?.name === name && this.take(call)) how(call);
  }

  /** @returns false where it is over already. */
  private take({ call, affinity }: PendingCall): boolean {
    if (!this.pending.delete(call)) return false;
    if (affinity !== undefined) this.busy.end(affinity);
    return true;
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
