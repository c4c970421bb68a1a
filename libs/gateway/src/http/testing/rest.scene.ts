import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BusModule, BusServer } from '@parley/bus';
import { AuthConfig, ConfigModule, HttpConfig, LimitsConfig, loadConfig, PresenceConfig } from '@parley/config';
import { HealthModule } from '@parley/observability';
import { RestClient, signToken } from '@parley/testing';
import { createHttpApp } from '../http.app';
import { HttpModule } from '../http.module';
import { FakeChanges } from './changes.fake';
import { FakeMessaging } from './messaging.fake';
import { FakeUsers } from './users.fake';

const secret = 'a secret of this suite that has more than thirty-two bytes';

class RestRoot {}

/** The gateway's REST on a port of its own, on an in-process bus that a fake messaging service answers. */
export class RestScene {
  readonly anybody: RestClient;
  readonly alice: RestClient;

  private constructor(
    private readonly app: NestFastifyApplication,
    readonly url: string,
    readonly messaging: FakeMessaging,
    readonly changes: FakeChanges,
    readonly users: FakeUsers,
  ) {
    this.anybody = new RestClient(url);
    this.alice = this.as({ sub: 'alice', name: 'Alice' });
  }

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<RestScene> {
    const env = { JWT_SECRET: secret, RATE_LIMITS: 'off', ...environment };
    const imports = [
      ConfigModule.forRoot([AuthConfig, HttpConfig, LimitsConfig, PresenceConfig], env),
      BusModule.inProcess({ roundTrip: true }),
      HealthModule.forRoot(),
      HttpModule,
    ];
    Logger.overrideLogger(false);
    const root = { module: RestRoot, imports, controllers: [FakeMessaging, FakeChanges, FakeUsers] };
    const app = await createHttpApp(root, loadConfig([HttpConfig], env).http);
    app.connectMicroservice({ strategy: app.get(BusServer) });
    await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    const fakes = [app.get(FakeMessaging), app.get(FakeChanges), app.get(FakeUsers)] as const;
    return new RestScene(app, await app.getUrl(), ...fakes);
  }

  /** A caller with a good token of these claims. */
  as(claims: Readonly<Record<string, unknown>>): RestClient {
    return new RestClient(this.url, this.tokenOf(claims));
  }

  tokenOf(claims: Readonly<Record<string, unknown>>): string {
    return signToken(claims, secret);
  }

  /** From here on, what is logged at level warn or above is added to `lines`. */
  logTo(lines: unknown[]): void {
    const ignore = () => undefined;
    const note = (line: unknown) => void lines.push(line);
    this.app.useLogger({ log: ignore, debug: ignore, verbose: ignore, warn: note, error: note, fatal: note });
  }

  stop(): Promise<void> {
    return this.app.close();
  }
}
