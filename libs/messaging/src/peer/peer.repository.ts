import type { RequestOf, SaveLastSeen } from '@parley/contracts';
import { Database } from '@parley/database';
import { Injectable } from '@nestjs/common';
import { saveLastSeen } from './peer.sql';

/** What profiles keep of presence. */
@Injectable()
export class PeerRepository {
  constructor(private readonly database: Database) {}

  /** Later times win, whatever order they come in; users that nobody is are passed over. */
  async saveLastSeen({ seen }: RequestOf<typeof SaveLastSeen>): Promise<void> {
    const latest = new Map<string, string>();
    for (const [userId, at] of seen) if (at > (latest.get(userId) ?? '')) latest.set(userId, at);
    await this.database.query('peers_save_seen', saveLastSeen, [[...latest.keys()], [...latest.values()]]);
  }
}
