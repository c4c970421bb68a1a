import type { Adapter } from 'socket.io-adapter';
import { SmallSet } from './small.set';

type Rooms = Map<string, SmallSet>;

/** As much of an adapter as keeps who is in which room; the rest of it reads `rooms` and `sids`. */
interface RoomKeeper {
  rooms: Rooms;
  readonly sids: Rooms;
  addAll(id: string, rooms: Iterable<string>): void;
  del(id: string, room: string): void;
  delAll(id: string): void;
  emit(event: 'create-room' | 'delete-room', room: string): unknown;
}

/**
 * Lets an adapter keep its rooms in a third of the memory: a socket in twenty conversations would hold more in rooms than
 * in anything else. Before it has any.
 *
 * The room that each socket has alone, named by its id, is there without being kept: it can be emitted to and excepted, but
 * is not among the socket's rooms. Of joins and leaves only the first and the last of a room is told (`create-room`,
 * `delete-room`).
 */
export function keepRoomsLean(adapter: Adapter): void {
  const keeper = adapter as unknown as RoomKeeper;
  const { sids } = keeper;
  const rooms = new LeanRooms(sids);
  const leave = (id: string, room: string): void => {
    const members = rooms.members(room);
    if (members?.delete(id) !== true || members.size > 0) return;
    rooms.delete(room);
    keeper.emit('delete-room', room);
  };
  Object.assign(keeper, {
    rooms,
    addAll: (id: string, added: Iterable<string>): void => {
      const joined: string[] = [];
      const own = sids.get(id);
      for (const room of added) {
        if (room === id || own?.has(room) === true) continue;
        joined.push(room);
        const members = rooms.members(room);
        if (members) members.add(id);
        else {
          rooms.set(room, new SmallSet(id));
          keeper.emit('create-room', room);
        }
      }
      if (own === undefined || own.size === 0) sids.set(id, new SmallSet(joined.slice()));
      else for (const room of joined) own.add(room);
    },
    del: (id: string, room: string): void => {
      if (sids.get(id)?.delete(room) === true) leave(id, room);
    },
    delAll: (id: string): void => {
      const own = sids.get(id);
      if (own === undefined) return;
      for (const room of own) leave(id, room);
      sids.delete(id);
    },
  } satisfies Partial<RoomKeeper>);
}

/** A socket's own room is where the socket is. */
class LeanRooms extends Map<string, SmallSet> {
  constructor(private readonly sids: Rooms) {
    super();
  }

  /** Of a room that is kept. */
  members(room: string): SmallSet | undefined {
    return super.get(room);
  }

  override get(room: string): SmallSet | undefined {
    return super.get(room) ?? (this.sids.has(room) ? new SmallSet(room) : undefined);
  }

  override has(room: string): boolean {
    return super.has(room) || this.sids.has(room);
  }
}
