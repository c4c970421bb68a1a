import { RpcHandler } from '@parley/bus';
import {
  CheckVoice,
  DescribePeers,
  ListAudiences,
  ListPeers,
  ListVisibleParticipants,
  type RequestOf,
  type ResponseOf,
  SaveLastSeen,
} from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { PeerReader } from './peer.reader';
import { PeerRepository } from './peer.repository';

@Controller()
export class PeerController {
  constructor(
    private readonly reader: PeerReader,
    private readonly repository: PeerRepository,
  ) {}

  @RpcHandler(DescribePeers)
  describe(request: RequestOf<typeof DescribePeers>): Promise<ResponseOf<typeof DescribePeers>> {
    return this.reader.describe(request);
  }

  @RpcHandler(ListPeers)
  list(request: RequestOf<typeof ListPeers>): Promise<ResponseOf<typeof ListPeers>> {
    return this.reader.list(request);
  }

  @RpcHandler(ListVisibleParticipants)
  listParticipants(
    request: RequestOf<typeof ListVisibleParticipants>,
  ): Promise<ResponseOf<typeof ListVisibleParticipants>> {
    return this.reader.listParticipants(request);
  }

  @RpcHandler(ListAudiences)
  listAudiences(request: RequestOf<typeof ListAudiences>): Promise<ResponseOf<typeof ListAudiences>> {
    return this.reader.listAudiences(request);
  }

  @RpcHandler(CheckVoice)
  async checkVoice(request: RequestOf<typeof CheckVoice>): Promise<ResponseOf<typeof CheckVoice>> {
    await this.reader.checkVoice(request);
    return {};
  }

  @RpcHandler(SaveLastSeen)
  async saveLastSeen(request: RequestOf<typeof SaveLastSeen>): Promise<ResponseOf<typeof SaveLastSeen>> {
    await this.repository.saveLastSeen(request);
    return {};
  }
}
