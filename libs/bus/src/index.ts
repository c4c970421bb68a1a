export { BusHealth } from './bus.health';
export { BusModule } from './bus.module';
export {
  type Disruption,
  EventBus,
  type EventListener,
  type EventSubscription,
  type ReceivedEvent,
} from './event/event.bus';
export { outgoing, type OutgoingEvent } from './event/outgoing.event';
export { BusServer } from './rpc/bus.server';
export { type CallOptions, RpcClient } from './rpc/rpc.client';
export { type RpcContext, RpcHandler } from './rpc/rpc.handler';
