import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { RequestOf, ResponseOf, Rpc } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { type Expiring, ExpirySweep } from '../rpc/expiry.sweep';
import { type CallOptions, RpcClient } from '../rpc/rpc.client';
import { type AnswerEnvelope, type Caller, give } from '../rpc/rpc.envelope';
import { SlotMap } from '../rpc/slot.map';
import { InProcessBusServer } from './in-process-bus.server';
import { inProcessOptions, type InProcessOptions, transfer } from './in-process.options';

interface PendingCall extends Expiring, Caller {
  /** Among those that are pending. */
  key: number;
  readonly rpc: Rpc;
}

/**
 * Asks the handlers of its own process. Without `roundTrip` unparsed parts (metadata, and all that trusted contracts carry)
 * are shared objects: do not write to them.
 */
@Injectable()
export class InProcessRpcClient extends RpcClient {
  private readonly pending = new SlotMap<PendingCall>();
  private readonly expiry = new ExpirySweep(this.pending, (call) => this.expire(call));

  constructor(
    private readonly server: InProcessBusServer,
    @Inject(inProcessOptions) private readonly options: InProcessOptions,
  ) {
    super();
  }

  override call<R extends Rpc>(rpc: R, request: RequestOf<R>, options: CallOptions = {}): Promise<ResponseOf<R>> {
    const { timeoutMs = rpc.timeoutMs, requestId = randomUUID() } = options;
    const context = { deadlineAt: Date.now() + timeoutMs, requestId };
    return new Promise((resolve, reject) => {
      const given = transfer(request, this.options)();
      const call: PendingCall = { key: 0, rpc, expiresAt: performance.now() + timeoutMs, resolve, reject };
      call.key = this.pending.add(call);
      const isHeard = this.server.run(rpc.subject, given, context, (answer) => {
        if (this.pending.delete(call.key)) this.answered(call, answer);
      });
      if (isHeard) this.expiry.watch();
      else this.fail(call, `Nobody answers ${rpc.subject}`);
    });
  }

  private answered(call: PendingCall, answer: AnswerEnvelope): void {
    const { rpc } = call;
    if (!this.options.roundTrip || !answer.ok) {
      give(call, rpc, answer);
      return;
    }
    try {
      give(call, rpc, { ok: true, d: transfer(answer.d, this.options)(rpc.rawField) }, true);
    } catch (error) {
      call.reject(AppError.from(error));
    }
  }

  private expire(call: PendingCall): void {
    this.fail(call, `${call.rpc.subject} did not answer in time`);
  }

  private fail(call: PendingCall, why: string): void {
    this.pending.delete(call.key);
    call.reject(new AppError('service_unavailable', { cause: new Error(why) }));
  }
}
