import { Injectable, Logger } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { Msg, Subscription } from '@nats-io/transport-node';
import { AppError } from '@parley/errors';
import { BusServer } from '../rpc/bus.server';
import type { RpcDispatcher } from '../rpc/rpc.dispatcher';
import { failure } from '../rpc/rpc.envelope';
import { CallerClocks } from './caller.clocks';
import type { NatsAnswers } from './nats.answers';
import { aimedAt, serviceOf } from './nats.subjects';
import { NatsConnector } from './nats.connector';
import { readRequestBundle, type RequestBundle } from './request.bundle';

/**
 * Answers calls over NATS. The replicas of a service share them: their queue group is the first word of the subject. Calls
 * that have an affinity may be aimed at one of them as well.
 */
@Injectable()
export class NatsBusServer extends BusServer {
  private readonly logger = new Logger(NatsBusServer.name);
  private subscriptions: Subscription[] = [];
  private readonly clocks = new CallerClocks();

  constructor(
    modules: ModulesContainer,
    private readonly connector: NatsConnector,
  ) {
    super(modules);
  }

  /** Waits for the connection, and until the broker knows of every handler. */
  override async listen(done: (error?: unknown) => void): Promise<void> {
    try {
      const { connection, answers, replica } = await this.connector.whenConnected();
      for (const dispatcher of this.dispatchers(false)) {
        const { rpc } = dispatcher;
        const callback = (error: Error | null, message: Msg): void => {
          if (error) this.logger.error({ msg: 'A subscription broke', err: error });
          else this.received(message, dispatcher, answers);
        };
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
    const link = this.connector.current;
    if (link) await Promise.allSettled(subscriptions.map((subscription) => subscription.drain()));
    await this.calls.settled();
    link?.answers.flush();
  }

  private received(message: Msg, dispatcher: RpcDispatcher, answers: NatsAnswers): void {
    const bundle = readRequestBundle(message.string());
    const { reply } = message;
    if (!bundle || reply === undefined) message.respond(JSON.stringify(failure(new AppError('malformed_request'))));
    else this.take(reply, bundle, dispatcher, answers);
  }

  private take(reply: string, bundle: RequestBundle, dispatcher: RpcDispatcher, answers: NatsAnswers): void {
    // All reply subjects of a caller have this in common.
    const caller = reply.slice(0, reply.lastIndexOf('.'));
    // By this process's clock.
    const sentAt = bundle.sentAt + this.clocks.aheadOf(caller, bundle);
    for (const [call, leftMs, requestId, request] of bundle.requests) {
      const context = { deadlineAt: sentAt + leftMs, requestId };
      const running = this.calls.add(context);
      dispatcher.run(request, context, (answer) => {
        this.calls.delete(running);
        answers.add(caller, call, answer, dispatcher.rpc.rawField);
      });
    }
  }
}
