import { PresenceConfig } from '@parley/config';
import type { ServerEvent, UserId } from '@parley/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { lateRoom } from '../../rooms';
import type { ChatServer } from '../../session/chat.socket';
import { SocketServer } from '../../session/socket.server';

/** What goes around a frame on its way, in bytes. */
const envelopeBytes = 48;

/**
 * Shows the sockets of this gateway what may be lost, under a budget of bytes for all of them: presence may fall behind,
 * messages may not.
 */
@Injectable()
export class EphemeralEmitter {
  private server: ChatServer | undefined;
  private leftBytes: number;
  private filledAt = performance.now();

  constructor(
    sockets: SocketServer,
    @Inject(PresenceConfig.token) private readonly config: PresenceConfig,
  ) {
    this.leftBytes = config.fanoutBytesPerSecond;
    sockets.onBind((server) => (this.server = server));
  }

  /** Is any socket of this gateway in one of the rooms? */
  hasListeners(rooms: readonly string[]): boolean {
    return rooms.some((room) => this.server?.sockets.adapter.rooms.has(room) === true);
  }

  /** Those of the rooms in which there are sockets that are not in `own`. */
  withOthers(rooms: readonly string[], own: string): string[] {
    const present = this.server?.sockets.adapter.rooms;
    const ownIds = present?.get(own);
    return rooms.filter((room) => {
      for (const id of present?.get(room) ?? []) if (ownIds?.has(id) !== true) return true;
      return false;
    });
  }

  /** Whose sockets are in the rooms. */
  usersIn(rooms: readonly string[]): Set<UserId> {
    const { adapter, sockets } = this.server?.sockets ?? {};
    const users = new Set<UserId>();
    for (const room of rooms) {
      for (const id of adapter?.rooms.get(room) ?? []) {
        const socket = sockets?.get(id);
        if (socket) users.add(socket.data.session.userId);
      }
    }
    return users;
  }

  /**
   * Each socket of the rooms hears it once; those that are behind with reading do not.
   *
   * @param except rooms whose sockets do not hear it.
   * @returns false where the budget is used up: nobody has heard it then.
   */
  emit(rooms: readonly string[], event: ServerEvent, frame: object, except: readonly string[] = []): boolean {
    const { server } = this;
    if (!server) return true;
    const adapter = server.sockets.adapter;
    const present = rooms.filter((room) => adapter.rooms.has(room));
    if (present.length === 0) return true;
    let count = 0;
    for (const room of present) count += adapter.rooms.get(room)?.size ?? 0;
    if (!this.takes(count * (JSON.stringify(frame).length + envelopeBytes))) return false;
    server.local
      .to(present)
      .except([...except, lateRoom])
      .emit(event, frame as never);
    return true;
  }

  /** As `emit`, to those sockets of one room that are in one of the others. */
  emitWithin(room: string, rooms: readonly string[], event: ServerEvent, frame: object): boolean {
    const { adapter, sockets } = this.server?.sockets ?? {};
    const ids = [...(adapter?.rooms.get(room) ?? [])];
    const within = ids.filter((id) => rooms.some((other) => sockets?.get(id)?.rooms.has(other) === true));
    return this.emit(within, event, frame);
  }

  private takes(bytes: number): boolean {
    const { fanoutBytesPerSecond } = this.config;
    const now = performance.now();
    const filled = this.leftBytes + ((now - this.filledAt) * fanoutBytesPerSecond) / 1_000;
    this.leftBytes = Math.min(fanoutBytesPerSecond, filled);
    this.filledAt = now;
    // A frame that is more than a second's worth goes out as a debt.
    if (this.leftBytes <= 0) return false;
    this.leftBytes -= bytes;
    return true;
  }
}
