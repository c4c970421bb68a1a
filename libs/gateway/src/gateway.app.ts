import type { DynamicModule, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HttpConfig, loadConfig } from '@parley/config';
import { closeHttp, HealthService, Readiness } from '@parley/observability';
import { realtimeOptions } from './gateway.module';
import { createHttpApp } from './http/http.app';
import { LoopLag } from './realtime/lifecycle/loop.lag';
import { SocketDrain } from './realtime/lifecycle/socket.drain';
import { RealtimeAdapter, type RealtimeAdapterOptions } from './realtime/transport/realtime.adapter';

/**
 * A gateway that does not listen yet.
 *
 * Nest's shutdown hooks are off: whoever runs the process calls `drainGateway` when it has to go.
 *
 * @param rootModule imports GatewayModule and what that needs.
 * @param config what must be known before the modules exist; the process' own where it is not given.
 */
export async function createGatewayApp(
  rootModule: Type | DynamicModule,
  config: HttpConfig = loadConfig([HttpConfig]).http,
): Promise<NestFastifyApplication> {
  const app = await createHttpApp(rootModule, config);
  const readiness = app.get(Readiness);
  const lag = app.get(LoopLag);
  const adapter = new RealtimeAdapter(app, {
    ...app.get<RealtimeAdapterOptions>(realtimeOptions),
    isOpen: () => readiness.isReady,
    isStale: () => lag.hasStoodStill,
  });
  const { cluster } = adapter;
  if (cluster) app.get(HealthService).register({ name: 'redis', needed: false, isUp: () => cluster.carries() });
  app.useWebSocketAdapter(adapter);
  return app;
}

/**
 * Connections that the system holds until this process takes them. Those whom another gateway sends away come at one moment;
 * whom the system turns away tries again after one second, then three, then seven.
 */
const backlog = 4_096;

/** Begins to take connections. */
export async function listenForClients(app: NestFastifyApplication, { port, host }: HttpConfig): Promise<void> {
  await app.listen({ port, host, backlog });
}

/**
 * Ends a gateway in the order that loses nothing: it stops being ready, its sockets are sent elsewhere, requests in flight
 * are answered, and only then what they need (the bus) is closed.
 */
export async function drainGateway(app: NestFastifyApplication): Promise<void> {
  // From here on no new sockets are let in.
  app.get(Readiness).draining();
  await app.get(SocketDrain).drain();
  closeHttp(app.getHttpServer());
  await app.close();
}
