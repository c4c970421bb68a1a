import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { Rpc } from '@parley/contracts';
import { CallsInFlight } from './calls-in-flight';
import { RpcDispatcher, type RpcMethod } from './rpc.dispatcher';
import { rpcOf } from './rpc.handler';

/**
 * The transport's side that answers: the Nest token of the microservice strategy.
 *
 * `app.connectMicroservice({ strategy: app.get(BusServer) })`, then `await app.startAllMicroservices()`: once that
 * resolves, every `@RpcHandler` of the app's controllers can be called. Closing the app stops new calls first and waits
 * for those that run, each until its deadline at most.
 */
export abstract class BusServer implements CustomTransportStrategy {
  protected readonly calls = new CallsInFlight();
  private readonly scanner = new MetadataScanner();

  /** @param modules of the app, where the controllers are found. */
  constructor(private readonly modules: ModulesContainer) {}

  abstract listen(done: (error?: unknown) => void): void | Promise<void>;

  abstract close(): Promise<void>;

  /**
   * One dispatcher for each handler of the app's controllers; where several answer the same, for the last one.
   *
   * @param isStrict whether requests of trusted contracts are checked as all others are.
   */
  protected dispatchers(isStrict: boolean): Iterable<RpcDispatcher> {
    const found = new Map<string, RpcDispatcher>();
    for (const { controllers } of this.modules.values()) {
      for (const { instance, isNotMetatype } of controllers.values()) {
        if (isNotMetatype) continue;
        for (const [rpc, method] of this.handlersOf(instance as Controller)) {
          found.set(rpc.subject, new RpcDispatcher(rpc, method, isStrict));
        }
      }
    }
    return found.values();
  }

  private *handlersOf(controller: Controller): Iterable<readonly [rpc: Rpc, method: RpcMethod]> {
    for (const name of this.scanner.getAllMethodNames(Object.getPrototypeOf(controller) as object)) {
      const method = controller[name];
      const rpc = method && rpcOf(method);
      if (rpc) yield [rpc, method.bind(controller)];
    }
  }
}

type Controller = Readonly<Record<string, RpcMethod | undefined>>;
