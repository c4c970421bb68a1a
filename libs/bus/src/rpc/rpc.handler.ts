import { SetMetadata } from '@nestjs/common';
import type { RequestOf, ResponseOf, Rpc } from '@parley/contracts';

/** What a handler learns about a call beside the request. */
export interface RpcContext {
  /** When the caller stops waiting, in milliseconds since the epoch. Work not begun by then is not to be begun. */
  readonly deadlineAt: number;
  /** Names the client's request in the logs of every service that it passes. */
  readonly requestId: string;
}

type RpcMethod<R extends Rpc> = (request: RequestOf<R>, context: RpcContext) => ResponseOf<R> | Promise<ResponseOf<R>>;

const rpcKey = Symbol('Rpc');

/**
 * Makes a method of a Nest controller the handler of `rpc`: `(request, context) => response`.
 *
 * The request is checked once, before the method runs; one that does not fit is answered with `validation_failed`. An
 * AppError that the method throws reaches the caller by its code. The bus calls the method itself: Nest's guards, pipes,
 * interceptors and filters do not apply.
 */
export function RpcHandler<R extends Rpc>(rpc: R) {
  return <M extends RpcMethod<R>>(controller: object, method: string, descriptor: TypedPropertyDescriptor<M>): void => {
    SetMetadata(rpcKey, rpc)(controller, method, descriptor);
  };
}

/** The contract that a method is the handler of, if it is one. */
export function rpcOf(method: object): Rpc | undefined {
  return Reflect.getMetadata(rpcKey, method) as Rpc | undefined;
}
