import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Msg } from '@nats-io/transport-node';
import type { RequestOf, ResponseOf, Rpc } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { type CallOptions, RpcClient } from '../rpc/rpc.client';
import { type AnswerEnvelope, isAnswer, type RequestEnvelope, responseOf } from '../rpc/rpc.envelope';
import { NatsConnector } from './nats.connector';
import { natsFailure, notConnected } from './nats.errors';

/** Asks over NATS: one subscription takes the answers of all calls. */
@Injectable()
export class NatsRpcClient extends RpcClient {
  constructor(private readonly connector: NatsConnector) {
    super();
  }

  override async call<R extends Rpc>(rpc: R, request: RequestOf<R>, options: CallOptions = {}): Promise<ResponseOf<R>> {
    const timeoutMs = options.timeoutMs ?? rpc.timeoutMs;
    const envelope: RequestEnvelope = {
      d: request,
      deadlineAt: Date.now() + timeoutMs,
      requestId: options.requestId ?? randomUUID(),
    };
    const message = await this.ask(rpc.subject, JSON.stringify(envelope), timeoutMs);
    return responseOf(rpc, readAnswer(rpc, message));
  }

  private async ask(subject: string, payload: string, timeoutMs: number): Promise<Msg> {
    // While the connection is away the library would keep the request and send it late.
    const connection = this.connector.current;
    if (!connection) throw notConnected();
    try {
      return await connection.request(this.connector.toWire(subject), payload, { timeout: Math.max(1, timeoutMs) });
    } catch (cause) {
      throw natsFailure(cause);
    }
  }
}

function readAnswer(rpc: Rpc, message: Msg): AnswerEnvelope {
  try {
    const answer: unknown = message.json();
    if (isAnswer(answer)) return answer;
  } catch {
    // Not JSON: no answer of ours either.
  }
  throw new AppError('internal_error', { cause: new Error(`What came from ${rpc.subject} is no answer`) });
}
