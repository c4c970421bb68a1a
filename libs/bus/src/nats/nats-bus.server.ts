import { Injectable } from '@nestjs/common';
import type { Msg, Subscription } from '@nats-io/transport-node';
import { AppError } from '@parley/errors';
import { BusServer } from '../rpc/bus.server';
import type { RpcDispatcher } from '../rpc/rpc.dispatcher';
import { failure, isNumberedRequest, type NumberedRequest } from '../rpc/rpc.envelope';
import { CallerClocks } from './caller.clocks';
import type { NatsAnswers } from './nats.answers';
import { aimedAt, serviceOf } from './nats.subjects';
import { NatsConnector } from './nats.connector';

/**
 * Answers calls over NATS. The replicas of a service share them: their queue group is the first word of the subject. Calls
 * that have an affinity may be aimed at one of them as well.
 */
@Injectable()
export class NatsBusServer extends BusServer {
  private subscriptions: Subscription[] = [];
  private answers: NatsAnswers | undefined;
  private readonly clocks = new CallerClocks();

  constructor(private readonly connector: NatsConnector) {
    super();
  }

  /** Waits for the connection, and until the broker knows of every handler. */
  override async listen(done: (error?: unknown) => void): Promise<void> {
    try {
      const { connection, answers, replica } = await this.connector.whenConnected();
      this.answers = answers;
      for (const [rpc, dispatcher] of this.dispatchers()) {
        const callback = (error: Error | null, message: Msg): void => this.received(error, message, dispatcher);
        const subject = this.connector.toWire(rpc.subject);
        this.subscriptions.push(connection.subscribe(subject, { queue: serviceOf(rpc), callback }));
        if (rpc.affinity) this.subscriptions.push(connection.subscribe(aimedAt(subject, replica), { callback }));
      }
      await connection.flush();
      done();
    } catch (error) {
      done(error);
    }
  }

  /** Takes no new calls, waits for those that have come, and sends their answers. */
  override async close(): Promise<void> {
    const subscriptions = this.subscriptions;
    this.subscriptions = [];
    if (this.connector.current) await Promise.allSettled(subscriptions.map((subscription) => subscription.drain()));
    await this.calls.settled();
    this.answers?.flush();
  }

  private received(error: Error | null, message: Msg, dispatcher: RpcDispatcher): void {
    if (error) {
      this.logger.error({ msg: 'A subscription broke', err: error });
      return;
    }
    const requests = requestsIn(message);
    const { reply } = message;
    if (!requests || reply === undefined) message.respond(JSON.stringify(failure(new AppError('malformed_request'))));
    else this.take(reply, requests, dispatcher);
  }

  private take(reply: string, requests: readonly NumberedRequest[], dispatcher: RpcDispatcher): void {
    // All reply subjects of a caller have this in common.
    const caller = reply.slice(0, reply.lastIndexOf('.'));
    for (const request of requests) {
      const deadlineAt = this.clocks.deadlineOf(caller, request);
      this.calls.add(this.handle(reply, { ...request, deadlineAt }, dispatcher), deadlineAt);
    }
  }

  private async handle(reply: string, request: NumberedRequest, dispatcher: RpcDispatcher): Promise<void> {
    this.answers?.add(reply, request.i, await dispatcher.answer(request));
  }
}

/** Anybody on the broker can send anything: what is not numbered and has no deadline is no request of ours. */
function requestsIn(message: Msg): NumberedRequest[] | undefined {
  try {
    const requests: unknown = message.json();
    return Array.isArray(requests) && requests.every(isNumberedRequest) ? requests : undefined;
  } catch {
    return undefined;
  }
}
