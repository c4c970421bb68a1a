import type { DynamicModule, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HttpConfig, loadConfig } from '@parley/config';
import { HealthService, Readiness } from '@parley/observability';
import { realtimeOptions } from './gateway.module';
import { createHttpApp } from './http/http.app';
import { SocketDrain } from './realtime/session/socket.drain';
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
  const adapter = new RealtimeAdapter(app, app.get<RealtimeAdapterOptions>(realtimeOptions));
  const { cluster } = adapter;
  if (cluster) app.get(HealthService).register({ name: 'redis', needed: false, isUp: () => cluster.isUp() });
  app.useWebSocketAdapter(adapter);
  return app;
}

/**
 * Ends a gateway in the order that loses nothing: it stops being ready, its sockets are sent elsewhere, requests in flight
 * are answered, and only then what they need (the bus) is closed.
 */
export async function drainGateway(app: NestFastifyApplication): Promise<void> {
  app.get(Readiness).draining();
  await app.get(SocketDrain).drain();
  await app.close();
}
