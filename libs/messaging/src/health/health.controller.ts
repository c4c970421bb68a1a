import { RpcHandler } from '@parley/bus';
import { ProbeStorage, type ResponseOf } from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { StorageProbe } from './storage.probe';

@Controller()
export class HealthController {
  constructor(private readonly storage: StorageProbe) {}

  @RpcHandler(ProbeStorage)
  async probeStorage(): Promise<ResponseOf<typeof ProbeStorage>> {
    return { takesWrites: await this.storage.takesWrites() };
  }
}
