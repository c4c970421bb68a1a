import { RpcHandler, type RpcContext } from '@parley/bus';
import { GetMessage, ListMessages, type RequestOf, type ResponseOf, SendMessage } from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { MessageReader } from './message.reader';
import { MessageService } from './message.service';

@Controller()
export class MessageController {
  constructor(
    private readonly messages: MessageService,
    private readonly reader: MessageReader,
  ) {}

  @RpcHandler(SendMessage)
  send(request: RequestOf<typeof SendMessage>, { deadlineAt }: RpcContext): Promise<ResponseOf<typeof SendMessage>> {
    return this.messages.send(request, deadlineAt);
  }

  @RpcHandler(ListMessages)
  list(request: RequestOf<typeof ListMessages>): Promise<ResponseOf<typeof ListMessages>> {
    return this.reader.listPage(request);
  }

  @RpcHandler(GetMessage)
  get(request: RequestOf<typeof GetMessage>): Promise<ResponseOf<typeof GetMessage>> {
    return this.reader.get(request);
  }
}
