import { BusModule } from './bus.module';
import { describeBus } from './bus.suite';

describe('the in-process bus', () => {
  describe('as production has it', () => {
    describeBus(() => [BusModule.inProcess()]);
  });

  describe('with everything sent through JSON', () => {
    describeBus(() => [BusModule.inProcess({ roundTrip: true })]);
  });
});
