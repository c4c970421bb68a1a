import { RpcHandler } from '@parley/bus';
import { ListPins, PinMessage, type RequestOf, type ResponseOf, UnpinMessage } from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { PinReader } from './pin.reader';
import { PinService } from './pin.service';

@Controller()
export class PinController {
  constructor(
    private readonly pins: PinService,
    private readonly reader: PinReader,
  ) {}

  @RpcHandler(PinMessage)
  async pin(request: RequestOf<typeof PinMessage>): Promise<ResponseOf<typeof PinMessage>> {
    return { message: await this.pins.pin(request) };
  }

  @RpcHandler(UnpinMessage)
  async unpin(request: RequestOf<typeof UnpinMessage>): Promise<ResponseOf<typeof UnpinMessage>> {
    return { message: await this.pins.unpin(request) };
  }

  @RpcHandler(ListPins)
  list(request: RequestOf<typeof ListPins>): Promise<ResponseOf<typeof ListPins>> {
    return this.reader.list(request);
  }
}
