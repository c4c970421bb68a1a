import { RpcHandler } from '@parley/bus';
import { CountUnread, ListReceipts, MarkReceived, type RequestOf, type ResponseOf } from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { ReceiptReader } from './receipt.reader';
import { ReceiptService } from './receipt.service';

@Controller()
export class ReceiptController {
  constructor(
    private readonly receipts: ReceiptService,
    private readonly reader: ReceiptReader,
  ) {}

  @RpcHandler(MarkReceived)
  mark(request: RequestOf<typeof MarkReceived>): Promise<ResponseOf<typeof MarkReceived>> {
    return this.receipts.mark(request);
  }

  @RpcHandler(ListReceipts)
  list(request: RequestOf<typeof ListReceipts>): Promise<ResponseOf<typeof ListReceipts>> {
    return this.reader.list(request);
  }

  @RpcHandler(CountUnread)
  async countUnread({ userId }: RequestOf<typeof CountUnread>): Promise<ResponseOf<typeof CountUnread>> {
    return { unread: await this.reader.countUnread(userId) };
  }
}
