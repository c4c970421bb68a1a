import { RpcHandler } from '@parley/bus';
import { CancelScheduled, ListScheduled, type RequestOf, type ResponseOf, ScheduleMessage } from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { ScheduleReader } from './schedule.reader';
import { ScheduleService } from './schedule.service';

@Controller()
export class ScheduleController {
  constructor(
    private readonly schedule: ScheduleService,
    private readonly reader: ScheduleReader,
  ) {}

  @RpcHandler(ScheduleMessage)
  add(request: RequestOf<typeof ScheduleMessage>): Promise<ResponseOf<typeof ScheduleMessage>> {
    return this.schedule.add(request);
  }

  @RpcHandler(ListScheduled)
  list(request: RequestOf<typeof ListScheduled>): Promise<ResponseOf<typeof ListScheduled>> {
    return this.reader.list(request);
  }

  @RpcHandler(CancelScheduled)
  cancel(request: RequestOf<typeof CancelScheduled>): Promise<ResponseOf<typeof CancelScheduled>> {
    return this.schedule.cancel(request);
  }
}
