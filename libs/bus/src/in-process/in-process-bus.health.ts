import { BusHealth } from '../bus.health';

/** A process can always talk to itself. */
export class InProcessBusHealth extends BusHealth {
  override isUp(): boolean {
    return true;
  }

  override carries(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
