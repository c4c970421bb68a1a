import { RpcHandler } from '@parley/bus';
import { ListMemberships, type RequestOf, type ResponseOf } from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { ParticipantReader } from './participant.reader';

@Controller()
export class ParticipantController {
  constructor(private readonly reader: ParticipantReader) {}

  @RpcHandler(ListMemberships)
  listMemberships(request: RequestOf<typeof ListMemberships>): Promise<ResponseOf<typeof ListMemberships>> {
    return this.reader.listMemberships(request);
  }
}
