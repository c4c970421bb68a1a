import type { LimitType } from '@parley/config';
import { LimitService } from '../../limits/limit.service';
import type { ChatServer, ChatSocket as ClientSocket } from '../session/chat.socket';
import { ChatSocket } from './chat-socket.decorator';
import type { FrameCounter } from './frame.router';
import { frameTableOf } from './frame.table';

/** Refuses users what they say too often over sockets, where a handler is `@RateLimited`. */
@ChatSocket()
export class FrameLimits implements FrameCounter {
  /** When the frames that came before have been counted; never rejects. */
  private readonly turns = new WeakMap<ClientSocket, Promise<void>>();

  constructor(private readonly limits: LimitService) {}

  afterInit(server: ChatServer): void {
    if (this.limits.areOn) frameTableOf(server).counter = this;
  }

  /** A socket's frames are answered in the order they came, though some wait for Redis and others need not. */
  count(socket: ClientSocket, limit: LimitType | undefined): Promise<void> | undefined {
    const before = this.turns.get(socket);
    if (limit === undefined) return before;
    const demand = () => this.limits.demand(socket.data.session, limit);
    const turn = before ? before.then(demand) : demand();
    const end = turn
      .catch(() => undefined)
      .then(() => {
        if (this.turns.get(socket) === end) this.turns.delete(socket);
      });
    this.turns.set(socket, end);
    return turn;
  }
}
