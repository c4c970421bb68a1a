import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { RequestOf, ResponseOf, Rpc } from '@parley/contracts';
import { type CallOptions, RpcClient } from '../rpc/rpc.client';
import { CallTarget } from './nats.calls';
import { NatsConnector } from './nats.connector';
import { notConnected } from './nats.errors';

/** Asks over NATS. */
@Injectable()
export class NatsRpcClient extends RpcClient {
  private readonly targets = new Map<Rpc, CallTarget>();

  constructor(private readonly connector: NatsConnector) {
    super();
  }

  override call<R extends Rpc>(rpc: R, request: RequestOf<R>, options: CallOptions = {}): Promise<ResponseOf<R>> {
    // While the connection is away the library would keep the request and send it late.
    const link = this.connector.current;
    if (!link) return Promise.reject(notConnected());
    const { timeoutMs = rpc.timeoutMs, requestId = randomUUID() } = options;
    return link.calls.ask<R>(this.targetOf(rpc), request, { timeoutMs, requestId });
  }

  private targetOf(rpc: Rpc): CallTarget {
    let target = this.targets.get(rpc);
    if (!target) this.targets.set(rpc, (target = new CallTarget(rpc, this.connector.toWire(rpc.subject))));
    return target;
  }
}
