import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import { NatsConfig } from '@parley/config';
import { BusHealth } from './bus.health';
import { EventBus } from './event/event.bus';
import { InProcessBusHealth } from './in-process/in-process-bus.health';
import { InProcessBusServer } from './in-process/in-process-bus.server';
import { InProcessEventBus } from './in-process/in-process-event.bus';
import { inProcessOptions, type InProcessOptions } from './in-process/in-process.options';
import { InProcessRpcClient } from './in-process/in-process-rpc.client';
import { NatsBusHealth } from './nats/nats-bus.health';
import { NatsBusServer } from './nats/nats-bus.server';
import { NatsConnector } from './nats/nats.connector';
import { NatsEventBus } from './nats/nats-event.bus';
import { NatsRpcClient } from './nats/nats-rpc.client';
import { NatsStream } from './nats/nats.stream';
import { BusServer } from './rpc/bus.server';
import { RpcClient } from './rpc/rpc.client';

const tokens = [RpcClient, EventBus, BusServer, BusHealth];

/** Gives every module RpcClient, EventBus, BusServer and BusHealth, over one transport or the other. */
@Global()
@Module({})
export class BusModule {
  /** Services in processes of their own, over NATS. Needs NatsConfig. Connects in the background. */
  static nats(): DynamicModule {
    return busOf([
      {
        provide: NatsConnector,
        inject: [NatsConfig.token],
        useFactory: (config: NatsConfig) => NatsConnector.start(config),
      },
      {
        provide: NatsStream,
        inject: [NatsConnector, NatsConfig.token],
        useFactory: (connector: NatsConnector, config: NatsConfig) => NatsStream.start(connector, config),
      },
      { provide: BusServer, useClass: NatsBusServer },
      { provide: RpcClient, useClass: NatsRpcClient },
      { provide: EventBus, useClass: NatsEventBus },
      { provide: BusHealth, useClass: NatsBusHealth },
    ]);
  }

  /** All services in this process. */
  static inProcess(options: InProcessOptions = { roundTrip: false }): DynamicModule {
    return busOf([
      { provide: inProcessOptions, useValue: options },
      InProcessBusServer,
      { provide: BusServer, useExisting: InProcessBusServer },
      { provide: RpcClient, useClass: InProcessRpcClient },
      { provide: EventBus, useClass: InProcessEventBus },
      { provide: BusHealth, useClass: InProcessBusHealth },
    ]);
  }
}

function busOf(providers: Provider[]): DynamicModule {
  return { module: BusModule, providers, exports: tokens };
}
