import { RpcHandler } from '@parley/bus';
import { DeleteMessage, EditMessage, ListEdits, type RequestOf, type ResponseOf } from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { MessageDeleteService } from './message-delete.service';
import { MessageEditReader } from './message-edit.reader';
import { MessageEditService } from './message-edit.service';

@Controller()
export class MessageChangeController {
  constructor(
    private readonly edits: MessageEditService,
    private readonly deletions: MessageDeleteService,
    private readonly reader: MessageEditReader,
  ) {}

  @RpcHandler(EditMessage)
  async edit(request: RequestOf<typeof EditMessage>): Promise<ResponseOf<typeof EditMessage>> {
    return { message: await this.edits.edit(request) };
  }

  @RpcHandler(DeleteMessage)
  async delete(request: RequestOf<typeof DeleteMessage>): Promise<ResponseOf<typeof DeleteMessage>> {
    return { message: await this.deletions.delete(request) };
  }

  @RpcHandler(ListEdits)
  listEdits(request: RequestOf<typeof ListEdits>): Promise<ResponseOf<typeof ListEdits>> {
    return this.reader.list(request);
  }
}
