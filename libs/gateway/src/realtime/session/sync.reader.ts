import { RpcClient } from '@parley/bus';
import { type ClientHeads, ReadEpoch, type ResponseOf, Sync, type UserId } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { PresenceFiller } from '../../presence/presence.filler';

export type Missed = ResponseOf<typeof Sync>;

/** What users have missed, as they may see it. */
@Injectable()
export class SyncReader {
  constructor(
    private readonly rpc: RpcClient,
    private readonly presence: PresenceFiller,
  ) {}

  /** What a user has missed since its heads. @throws AppError `service_unavailable`. */
  async read(userId: UserId, heads: ClientHeads, requestId?: string): Promise<Missed> {
    const missed = await this.rpc.call(Sync, { userId, heads }, requestId === undefined ? {} : { requestId });
    return { ...missed, sync: await this.presence.sync({ userId }, missed.sync, requestId) };
  }

  /** @throws AppError `service_unavailable`. */
  async readEpoch(): Promise<string> {
    return (await this.rpc.call(ReadEpoch, {})).epoch;
  }
}
