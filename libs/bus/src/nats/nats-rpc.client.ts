import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { RequestOf, ResponseOf, Rpc } from '@parley/contracts';
import { type CallOptions, RpcClient } from '../rpc/rpc.client';
import { responseOf } from '../rpc/rpc.envelope';
import { NatsConnector } from './nats.connector';
import { notConnected } from './nats.errors';
import { serviceOf } from './nats.subjects';

/** Asks over NATS. */
@Injectable()
export class NatsRpcClient extends RpcClient {
  constructor(private readonly connector: NatsConnector) {
    super();
  }

  override async call<R extends Rpc>(rpc: R, request: RequestOf<R>, options: CallOptions = {}): Promise<ResponseOf<R>> {
    // While the connection is away the library would keep the request and send it late.
    const link = this.connector.current;
    if (!link) throw notConnected();
    const timeoutMs = options.timeoutMs ?? rpc.timeoutMs;
    const envelope = {
      d: request,
      deadlineAt: Date.now() + timeoutMs,
      requestId: options.requestId ?? randomUUID(),
    };
    const answer = await link.calls.ask(envelope, {
      subject: this.connector.toWire(rpc.subject),
      service: serviceOf(rpc),
      affinity: rpc.affinity?.(request),
      timeoutMs,
      rawField: rpc.rawField,
    });
    return responseOf(rpc, answer);
  }
}
