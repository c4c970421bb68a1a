import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Rpc } from '@parley/contracts';
import { CallsInFlight } from './calls-in-flight';
import { RpcDispatcher, type RpcMessageHandler } from './rpc.dispatcher';

/**
 * The transport's side that answers: the Nest token of the microservice strategy.
 *
 * `app.connectMicroservice({ strategy: app.get(BusServer) })`, then `await app.startAllMicroservices()`: once that
 * resolves, every `@RpcHandler` of the app's controllers can be called. Closing the app stops new calls first and waits
 * for those that run, each until its deadline at most.
 */
export abstract class BusServer extends Server implements CustomTransportStrategy {
  protected readonly calls = new CallsInFlight();

  /** One dispatcher for each handler that Nest found. */
  protected *dispatchers(): Iterable<readonly [rpc: Rpc, dispatcher: RpcDispatcher]> {
    const handlers: Iterable<RpcMessageHandler> = this.messageHandlers.values();
    for (const handler of handlers) {
      const rpc = handler.extras?.['rpc'] as Rpc | undefined;
      if (rpc) yield [rpc, new RpcDispatcher(rpc, handler)];
    }
  }

  /** The connection's events are told by EventBus and BusHealth, not here. */
  override on(): void {
    throw new Error('The bus has no transport events');
  }

  override unwrap<T>(): T {
    throw new Error('The bus does not give its connection away');
  }
}
