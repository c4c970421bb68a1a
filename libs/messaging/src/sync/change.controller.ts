import { RpcHandler } from '@parley/bus';
import { ListChanges, type RequestOf, type ResponseOf } from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { ChangeReader } from './change.reader';

@Controller()
export class ChangeController {
  constructor(private readonly reader: ChangeReader) {}

  @RpcHandler(ListChanges)
  list(request: RequestOf<typeof ListChanges>): Promise<ResponseOf<typeof ListChanges>> {
    return this.reader.list(request);
  }
}
