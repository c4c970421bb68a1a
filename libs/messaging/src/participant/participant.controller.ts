import { RpcHandler } from '@parley/bus';
import {
  AddParticipants,
  JoinConversation,
  ListMemberships,
  ListParticipants,
  RemoveParticipant,
  type RequestOf,
  type ResponseOf,
  UpdateParticipant,
} from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { ParticipantReader } from './participant.reader';
import { ParticipantService } from './participant.service';

@Controller()
export class ParticipantController {
  constructor(
    private readonly participants: ParticipantService,
    private readonly reader: ParticipantReader,
  ) {}

  @RpcHandler(AddParticipants)
  add(request: RequestOf<typeof AddParticipants>): Promise<ResponseOf<typeof AddParticipants>> {
    return this.participants.add(request);
  }

  @RpcHandler(JoinConversation)
  join(request: RequestOf<typeof JoinConversation>): Promise<ResponseOf<typeof JoinConversation>> {
    return this.participants.join(request);
  }

  @RpcHandler(ListParticipants)
  list(request: RequestOf<typeof ListParticipants>): Promise<ResponseOf<typeof ListParticipants>> {
    return this.reader.list(request);
  }

  @RpcHandler(UpdateParticipant)
  update(request: RequestOf<typeof UpdateParticipant>): Promise<ResponseOf<typeof UpdateParticipant>> {
    return this.participants.update(request);
  }

  @RpcHandler(RemoveParticipant)
  remove(request: RequestOf<typeof RemoveParticipant>): Promise<ResponseOf<typeof RemoveParticipant>> {
    return this.participants.remove(request);
  }

  @RpcHandler(ListMemberships)
  listMemberships(request: RequestOf<typeof ListMemberships>): Promise<ResponseOf<typeof ListMemberships>> {
    return this.reader.listMemberships(request);
  }
}
