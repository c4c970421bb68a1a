import { Injectable } from '@nestjs/common';
import { BusServer } from '../rpc/bus.server';
import type { RpcDispatcher } from '../rpc/rpc.dispatcher';
import type { AnswerEnvelope, RequestEnvelope } from '../rpc/rpc.envelope';

/** Answers the calls of its own process. */
@Injectable()
export class InProcessBusServer extends BusServer {
  private readonly open = new Map<string, RpcDispatcher>();

  override listen(done: () => void): void {
    for (const [rpc, dispatcher] of this.dispatchers()) this.open.set(rpc.subject, dispatcher);
    done();
  }

  override async close(): Promise<void> {
    this.open.clear();
    await this.calls.settled();
  }

  /** The handler's answer, or undefined when there is no handler. */
  answer(subject: string, request: RequestEnvelope): Promise<AnswerEnvelope> | undefined {
    const answer = this.open.get(subject)?.answer(request);
    if (!answer) return undefined;
    this.calls.add(
      answer.then(() => undefined),
      request.deadlineAt,
    );
    return answer;
  }
}
