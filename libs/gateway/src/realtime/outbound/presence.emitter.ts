import type { ServerEvent, UserId } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { userRoom } from '../rooms';
import { EphemeralEmitter } from './ephemeral.emitter';
import { PresenceAudience } from './presence.audience';

export interface Showing {
  /** Whose presence it is: those whom this user blocks do not hear it. */
  readonly about: UserId;
  readonly rooms: readonly string[];
  /** Do the user's own sockets hear it? */
  readonly toOwn: boolean;
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

  /** @returns false where the budget is used up: nobody has heard it then. */
  emit({ about, rooms, toOwn }: Showing, event: ServerEvent, frame: object): boolean {
    const unknown = [...this.audience.unknown];
    const except = Array.from(this.audience.blockedFrom(about), userRoom);
    for (const userId of unknown) if (userId !== about) except.push(userRoom(userId));
    if (!toOwn) except.push(userRoom(about));
    if (!this.emitter.emit(rooms, event, frame, except)) return false;
    for (const viewerId of unknown) {
      if (viewerId !== about)
        this.audience.onceKnown(viewerId, () => this.emitLate(viewerId, about, rooms, event, frame));
    }
    return true;
  }

  private emitLate(viewerId: UserId, about: UserId, rooms: readonly string[], event: ServerEvent, frame: object): void {
    if (this.audience.blockedFrom(about).has(viewerId)) return;
    this.emitter.emitWithin(userRoom(viewerId), rooms, event, frame);
  }
}
