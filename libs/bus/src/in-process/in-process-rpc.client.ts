import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { RequestOf, ResponseOf, Rpc } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { type CallOptions, RpcClient } from '../rpc/rpc.client';
import { type AnswerEnvelope, responseOf } from '../rpc/rpc.envelope';
import { InProcessBusServer } from './in-process-bus.server';
import { inProcessOptions, type InProcessOptions, transfer } from './in-process.options';

/** Asks the handlers of its own process. Without `roundTrip` unparsed parts (metadata) are shared objects: do not write to them. */
@Injectable()
export class InProcessRpcClient extends RpcClient {
  constructor(
    private readonly server: InProcessBusServer,
    @Inject(inProcessOptions) private readonly options: InProcessOptions,
  ) {
    super();
  }

  override async call<R extends Rpc>(rpc: R, request: RequestOf<R>, options: CallOptions = {}): Promise<ResponseOf<R>> {
    const timeoutMs = options.timeoutMs ?? rpc.timeoutMs;
    const envelope = {
      d: transfer(request, this.options)(),
      deadlineAt: Date.now() + timeoutMs,
      requestId: options.requestId ?? randomUUID(),
    };
    const answer = this.server.answer(rpc.subject, envelope);
    if (!answer) throw new AppError('service_unavailable', { cause: new Error(`Nobody answers ${rpc.subject}`) });
    const given = await within(timeoutMs, answer, rpc);
    return responseOf(rpc, given.ok ? { ok: true, d: transfer(given.d, this.options)(rpc.rawField) } : given);
  }
}

function within(timeoutMs: number, answer: Promise<AnswerEnvelope>, rpc: Rpc): Promise<AnswerEnvelope> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const cause = new Error(`${rpc.subject} did not answer within ${timeoutMs} ms`);
      reject(new AppError('service_unavailable', { cause }));
    }, timeoutMs);
    // Dispatchers never reject.
    void answer.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
