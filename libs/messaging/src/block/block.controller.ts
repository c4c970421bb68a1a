import { RpcHandler } from '@parley/bus';
import { ChangeBlock, ListBlocked, type RequestOf, type ResponseOf } from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { BlockReader } from './block.reader';
import { BlockService } from './block.service';

@Controller()
export class BlockController {
  constructor(
    private readonly blocks: BlockService,
    private readonly reader: BlockReader,
  ) {}

  @RpcHandler(ChangeBlock)
  change(request: RequestOf<typeof ChangeBlock>): Promise<ResponseOf<typeof ChangeBlock>> {
    return this.blocks.change(request);
  }

  @RpcHandler(ListBlocked)
  list(request: RequestOf<typeof ListBlocked>): Promise<ResponseOf<typeof ListBlocked>> {
    return this.reader.list(request);
  }
}
