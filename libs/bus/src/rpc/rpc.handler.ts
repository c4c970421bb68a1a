import { UseFilters } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { RequestOf, ResponseOf, Rpc } from '@parley/contracts';
import { RpcErrorFilter } from './rpc-error.filter';

/** What a handler learns about a call beside the request. */
export interface RpcContext {
  /** When the caller stops waiting, in milliseconds since the epoch. Work not begun by then is not to be begun. */
  readonly deadlineAt: number;
  /** Names the client's request in the logs of every service that it passes. */
  readonly requestId: string;
}

type RpcMethod<R extends Rpc> = (request: RequestOf<R>, context: RpcContext) => ResponseOf<R> | Promise<ResponseOf<R>>;

/**
 * Makes a method of a Nest controller the handler of `rpc`: `(request, context) => response`.
 *
 * The request is parsed once, before the method runs; one that does not fit is answered with `validation_failed`. An
 * AppError that the method throws reaches the caller by its code. Nest's guards, pipes, interceptors and filters apply.
 */
export function RpcHandler<R extends Rpc>(rpc: R) {
  return <M extends RpcMethod<R>>(controller: object, method: string, descriptor: TypedPropertyDescriptor<M>): void => {
    MessagePattern(rpc.subject, { rpc })(controller, method, descriptor);
    UseFilters(RpcErrorFilter)(controller, method, descriptor);
    Payload()(controller, method, 0);
    Ctx()(controller, method, 1);
  };
}
