import { type DynamicModule, Logger, type LoggerService, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { BusHealth } from './bus.health';
import { EventBus } from './event/event.bus';
import { describeEvents } from './event/event.suite';
import { BusServer } from './rpc/bus.server';
import { RpcClient } from './rpc/rpc.client';
import { describeCalls } from './rpc/rpc.suite';

/** A process on the bus, as far as tests can see it. */
export interface BusProcess {
  readonly rpc: RpcClient;
  readonly events: EventBus;
  readonly health: BusHealth;
  /** What was logged as an error since the start. */
  readonly errors: readonly unknown[];
  stop(): Promise<void>;
}

/** Starts a process with these controllers on the bus that `modules` (configuration included) give. */
export async function startOnBus(modules: DynamicModule[], controllers: Type[] = []): Promise<BusProcess> {
  const errors: unknown[] = [];
  const module = await Test.createTestingModule({ imports: modules, controllers })
    .setLogger(recorderOf(errors))
    .compile();
  const app = module.createNestMicroservice({ strategy: module.get(BusServer) });
  await app.listen();
  return {
    rpc: module.get(RpcClient),
    events: module.get(EventBus),
    health: module.get(BusHealth),
    errors,
    stop: async () => {
      await app.close();
    },
  };
}

/** What every transport must do: the reason that a service cannot tell them apart. */
export function describeBus(modules: () => DynamicModule[]): void {
  afterAll(() => {
    Logger.overrideLogger(true);
  });
  describeCalls((controllers) => startOnBus(modules(), controllers));
  describeEvents(() => startOnBus(modules()));

  it('is up', async () => {
    const process = await startOnBus(modules());
    expect(process.health.isUp()).toBe(true);
    await process.stop();
  });
}

/** A log that keeps errors and drops the rest. */
export function recorderOf(errors: unknown[]): LoggerService {
  const drop = (): void => undefined;
  return { log: drop, warn: drop, error: (message: unknown) => void errors.push(message) };
}
