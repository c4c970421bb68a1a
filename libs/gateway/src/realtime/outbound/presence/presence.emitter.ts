import type { ServerEvent, UserId } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { userRoom } from '../../rooms';
import { EphemeralEmitter } from './ephemeral.emitter';
import { PresenceAudience } from './presence.audience';

export interface Showing {
  /** Whose presence it is: those whom this user blocks do not hear it. */
  readonly about: UserId;
  readonly rooms: readonly string[];
  /** Do the user's own sockets hear it, wherever they are? */
  readonly toOwn: boolean;
  /** Rooms whose sockets do not hear it. */
  readonly except?: readonly string[];
}

/** Shows the sockets of this gateway what somebody does, but for those who may not see that user. */
@Injectable()
export class PresenceEmitter {
  constructor(
    private readonly emitter: EphemeralEmitter,
    private readonly audience: PresenceAudience,
  ) {}

  hasListeners(rooms: readonly string[]): boolean {
    return this.emitter.hasListeners(rooms);
  }

  /**
   * Costs what those cost who hear it: rooms in which the user is alone are left out.
   *
   * @returns false where the budget is used up: nobody has heard it then.
   */
  emit({ about, rooms, toOwn, except: others = [] }: Showing, event: ServerEvent, frame: object): boolean {
    const ownRoom = userRoom(about);
    const heardIn = this.emitter.withOthers(rooms, ownRoom);
    const unknown = this.unknownIn(heardIn, about);
    const except = [...others, ...Array.from([...this.audience.blockedFrom(about), ...unknown], userRoom)];
    if (toOwn) heardIn.push(ownRoom);
    else except.push(ownRoom);
    if (!this.emitter.emit(heardIn, event, frame, except)) return false;
    for (const viewerId of unknown) {
      this.audience.onceKnown(viewerId, () => this.emitLate(viewerId, about, rooms, event, frame));
    }
    return true;
  }

  /** Shows it to one other user alone, in those of the rooms that the user is in. Whether that user may see it is the caller's to know. */
  emitTo(viewerId: UserId, rooms: readonly string[], event: ServerEvent, frame: object): void {
    this.emitter.emitWithin(userRoom(viewerId), rooms, event, frame);
  }

  /** Those who would hear it, and of whom it is not known yet whether they may. */
  private unknownIn(rooms: readonly string[], about: UserId): UserId[] {
    const { unknown } = this.audience;
    if (unknown.size === 0 || rooms.length === 0) return [];
    return [...this.emitter.usersIn(rooms)].filter((userId) => userId !== about && unknown.has(userId));
  }

  private emitLate(viewerId: UserId, about: UserId, rooms: readonly string[], event: ServerEvent, frame: object): void {
    if (this.audience.blockedFrom(about).has(viewerId)) return;
    this.emitTo(viewerId, rooms, event, frame);
  }
}
