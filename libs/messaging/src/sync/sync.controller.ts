import { RpcHandler } from '@parley/bus';
import { ReadEpoch, type RequestOf, type ResponseOf, Sync } from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { SyncReader } from './sync.reader';
import { SyncService } from './sync.service';

@Controller()
export class SyncController {
  constructor(
    private readonly service: SyncService,
    private readonly reader: SyncReader,
  ) {}

  @RpcHandler(Sync)
  sync(request: RequestOf<typeof Sync>): Promise<ResponseOf<typeof Sync>> {
    return this.service.sync(request);
  }

  @RpcHandler(ReadEpoch)
  async readEpoch(_request: RequestOf<typeof ReadEpoch>): Promise<ResponseOf<typeof ReadEpoch>> {
    return { epoch: await this.reader.readEpoch() };
  }
}
