import { Injectable } from '@nestjs/common';
import type { Msg, Subscription } from '@nats-io/transport-node';
import { AppError } from '@parley/errors';
import { BusServer } from '../rpc/bus.server';
import type { RpcDispatcher } from '../rpc/rpc.dispatcher';
import { type AnswerEnvelope, failure, type RequestEnvelope } from '../rpc/rpc.envelope';
import { NatsConnector } from './nats.connector';

/** Answers calls over NATS. The replicas of a service share them: their queue group is the first word of the subject. */
@Injectable()
export class NatsBusServer extends BusServer {
  private subscriptions: Subscription[] = [];

  constructor(private readonly connector: NatsConnector) {
    super();
  }

  /** Waits for the connection, and until the broker knows of every handler. */
  override async listen(done: (error?: unknown) => void): Promise<void> {
    try {
      const connection = await this.connector.whenConnected();
      for (const [rpc, dispatcher] of this.dispatchers()) {
        const [queue = rpc.subject] = rpc.subject.split('.');
        const callback = (error: Error | null, message: Msg): void => this.received(error, message, dispatcher);
        this.subscriptions.push(connection.subscribe(this.connector.toWire(rpc.subject), { queue, callback }));
      }
      await connection.flush();
      done();
    } catch (error) {
      done(error);
    }
  }

  /** Takes no new calls and waits for those that have come. */
  override async close(): Promise<void> {
    const subscriptions = this.subscriptions;
    this.subscriptions = [];
    if (this.connector.current) await Promise.allSettled(subscriptions.map((subscription) => subscription.drain()));
    await this.calls.settled();
  }

  private received(error: Error | null, message: Msg, dispatcher: RpcDispatcher): void {
    if (error) {
      this.logger.error({ msg: 'A subscription broke', err: error });
      return;
    }
    const request = requestIn(message);
    if (!request) this.respond(message, failure(new AppError('malformed_request')));
    else this.calls.add(this.handle(message, request, dispatcher), request.deadlineAt);
  }

  private async handle(message: Msg, request: RequestEnvelope, dispatcher: RpcDispatcher): Promise<void> {
    const answer = await dispatcher.answer(request);
    if (!this.respond(message, answer)) this.respond(message, failure(new AppError('internal_error')));
  }

  /** False when the answer could not be sent: it is above the broker's bound, or the connection is closed. */
  private respond(message: Msg, answer: AnswerEnvelope): boolean {
    try {
      message.respond(JSON.stringify(answer));
      return true;
    } catch (err) {
      this.logger.error({ msg: 'An answer could not be sent', subject: message.subject, err });
      return false;
    }
  }
}

/** Anybody on the broker can send anything: what has no deadline is no request of ours. */
function requestIn(message: Msg): RequestEnvelope | undefined {
  try {
    const request = message.json<Partial<RequestEnvelope> | null>();
    if (typeof request?.deadlineAt !== 'number' || typeof request.requestId !== 'string') return undefined;
    return { d: request.d, deadlineAt: request.deadlineAt, requestId: request.requestId };
  } catch {
    return undefined;
  }
}
