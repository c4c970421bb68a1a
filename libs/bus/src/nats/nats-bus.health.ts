import { Injectable } from '@nestjs/common';
import { BusHealth } from '../bus.health';
import { NatsConnector } from './nats.connector';

@Injectable()
export class NatsBusHealth extends BusHealth {
  constructor(private readonly connector: NatsConnector) {
    super();
  }

  override isUp(): boolean {
    return this.connector.current !== undefined;
  }
}
