import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { BusHealth } from '../bus.health';
import { NatsConnector } from './nats.connector';
import { NatsEcho } from './nats.echo';

@Injectable()
export class NatsBusHealth extends BusHealth {
  private echo: NatsEcho | undefined;

  constructor(private readonly connector: NatsConnector) {
    super();
  }

  override isUp(): boolean {
    return this.connector.current !== undefined;
  }

  override async carries(): Promise<boolean> {
    const link = this.connector.current;
    if (!link) return false;
    // The connection is the same for the life of the process, whatever happens to it.
    this.echo ??= new NatsEcho(link.connection, this.connector.toWire(`live.echo.${randomUUID()}`));
    return this.echo.returns();
  }
}
