import { RpcClient } from '@parley/bus';
import { GetUser, type UserId } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

const maxNames = 10_000;
/** How long a name that was changed may look old in what may be lost, in milliseconds. */
const ttlMs = 60_000;

/** How users are called, for events that do not say it. */
@Injectable()
export class NameReader {
  private readonly names = new LRUCache<UserId, Promise<string>>({ max: maxNames, ttl: ttlMs });

  constructor(private readonly rpc: RpcClient) {}

  /** @throws AppError `user_not_found`, `service_unavailable` */
  read(userId: UserId): Promise<string> {
    const known = this.names.get(userId);
    if (known) return known;
    const name = this.rpc.call(GetUser, { userId }).then(({ user }) => user.display_name);
    this.names.set(userId, name);
    name.catch(() => {
      if (this.names.peek(userId) === name) this.names.delete(userId);
    });
    return name;
  }
}
