import { Inject, Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { BusServer } from '../rpc/bus.server';
import type { RpcDispatcher } from '../rpc/rpc.dispatcher';
import type { AnswerEnvelope } from '../rpc/rpc.envelope';
import type { RpcContext } from '../rpc/rpc.handler';
import { inProcessOptions, type InProcessOptions } from './in-process.options';

/** Answers the calls of its own process. */
@Injectable()
export class InProcessBusServer extends BusServer {
  private readonly open = new Map<string, RpcDispatcher>();

  constructor(
    modules: ModulesContainer,
    @Inject(inProcessOptions) private readonly options: InProcessOptions,
  ) {
    super(modules);
  }

  override listen(done: () => void): void {
    for (const dispatcher of this.dispatchers(this.options.roundTrip))
      this.open.set(dispatcher.rpc.subject, dispatcher);
    done();
  }

  override async close(): Promise<void> {
    this.open.clear();
    await this.calls.settled();
  }

  /**
   * Has a request answered.
   *
   * @returns false, with nothing done, when there is no handler.
   */
  run(subject: string, request: unknown, context: RpcContext, respond: (answer: AnswerEnvelope) => void): boolean {
    const dispatcher = this.open.get(subject);
    if (!dispatcher) return false;
    const call = this.calls.add(context);
    dispatcher.run(request, context, (answer) => {
      this.calls.delete(call);
      respond(answer);
    });
    return true;
  }
}
