import { RpcClient } from '@parley/bus';
import { SaveLastSeen } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { PresenceStore } from '../store/presence.store';
import { toTimestamp } from './presence.announcer';
import { userOf } from '../store/presentity';

/** Users whose profiles one call writes. */
const batchSize = 500;

/**
 * Brings when users were last seen into their profiles. Until that is confirmed the store remembers it, so that neither a
 * dead process nor an absent database loses it.
 */
@Injectable()
export class LastSeenKeeper {
  constructor(
    private readonly store: PresenceStore,
    private readonly rpc: RpcClient,
  ) {}

  /** Writes what is not written yet. @throws AppError `service_unavailable`; nothing is lost then. */
  async save(): Promise<void> {
    for (let count = batchSize; count === batchSize;) {
      const unsaved = await this.store.listUnsaved(batchSize);
      count = unsaved.length;
      if (count === 0) return;
      const seen = unsaved.flatMap(([presentity, ms]): [string, string][] => {
        const [userId, at] = [userOf(presentity), toTimestamp(ms)];
        return userId === undefined || at === null ? [] : [[userId, at]];
      });
      await this.rpc.call(SaveLastSeen, { seen: seen as never });
      await this.store.markSaved(unsaved);
    }
  }
}
