import type { KnownPresence, PresenceView, UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable, Logger } from '@nestjs/common';
import { PresenceReader } from '../../../presence/presence.reader';
import { watchRoom } from '../../rooms';
import type { ChatSocket } from '../../session/chat.socket';
import { SessionRegistry } from '../../session/session.registry';
import { SocketServer } from '../../session/socket.server';

/** Users that one socket may watch beside those whom it hears of anyway. */
const maxWatched = 1_000;

type Heard = Pick<KnownPresence, 'userId' | 'status' | 'lastSeen'>;

/** Who asked for whose presence, beside those who hear of it anyway. Only what may be seen is watched, and only while it may. */
@Injectable()
export class PresenceWatches {
  private readonly log = new Logger(PresenceWatches.name);
  private readonly watchedBy = new Map<ChatSocket, Set<UserId>>();
  /** What is heard while each question for presence is being answered: the answer may be older than that. */
  private readonly heardMeanwhile = new Set<Map<UserId, Heard>>();

  constructor(
    private readonly reader: PresenceReader,
    private readonly sessions: SessionRegistry,
    private readonly sockets: SocketServer,
  ) {
    sockets.onShow((id, event, frame) => {
      if (event === 'participant_removed') this.recheckPair(frame as { readonly user_id: UserId });
      // Those who heard the end of the conversation were in it.
      else if (event === 'conversation_deleted') this.recheck(sockets.inConversation(id));
    });
  }

  /**
   * From here on the socket hears of those users that it may see.
   *
   * @returns how they are now, in the order asked for, as far as they may be seen.
   * @throws AppError `validation_failed` beyond 1,000 users.
   */
  async watch(socket: ChatSocket, userIds: readonly UserId[], requestId: string): Promise<PresenceView[]> {
    const watched = this.watchedOf(socket);
    if (new Set([...watched, ...userIds]).size > maxWatched) {
      throw new AppError('validation_failed', {
        issues: [{ path: 'user_ids', message: `must be at most ${maxWatched} users on one socket` }],
      });
    }
    const { userId: viewerId } = socket.data.session;
    const heard = new Map<UserId, Heard>();
    this.heardMeanwhile.add(heard);
    const asked = this.reader.describe({ viewerId, requestId }, userIds);
    const visible = await asked.finally(() => this.heardMeanwhile.delete(heard));
    if (!socket.connected) return [];
    for (const userId of visible.keys()) {
      watched.add(userId);
      void socket.join(watchRoom(userId));
    }
    return [...new Set(userIds)].flatMap((userId) => asHeard(visible.get(userId), heard.get(userId)));
  }

  /** A change was announced. */
  hear(change: Heard): void {
    for (const heard of this.heardMeanwhile) heard.set(change.userId, change);
  }

  forget(socket: ChatSocket): void {
    this.watchedBy.delete(socket);
  }

  /** Everybody who is watched on this gateway. */
  *users(): Iterable<UserId> {
    for (const watched of this.watchedBy.values()) yield* watched;
  }

  isWatched(userId: UserId): boolean {
    return this.sockets.isInUse(watchRoom(userId));
  }

  /** What a user may see has changed. */
  recheckOf(viewerId: UserId): void {
    this.recheck([...this.sessions.of(viewerId)].map(({ socket }) => socket));
  }

  private watchedOf(socket: ChatSocket): Set<UserId> {
    const watched = this.watchedBy.get(socket) ?? new Set();
    this.watchedBy.set(socket, watched);
    return watched;
  }

  /** Somebody left a conversation: who watched that user, or is watched by, may do so for this conversation alone. */
  private recheckPair({ user_id: userId }: { readonly user_id: UserId }): void {
    if (this.watchedBy.size === 0) return;
    this.recheckOf(userId);
    this.recheck(this.sockets.inRoom(watchRoom(userId)), [userId]);
  }

  /** @param only these of the watched users, or else all. */
  private recheck(sockets: readonly ChatSocket[], only?: readonly UserId[]): void {
    for (const socket of sockets) {
      const watched = this.watchedBy.get(socket);
      const asked = only ?? [...(watched ?? [])];
      if (watched && asked.length > 0) void this.drop(socket, watched, asked);
    }
  }

  /** Never rejects: who cannot be asked about is not watched. */
  private async drop(socket: ChatSocket, watched: Set<UserId>, asked: readonly UserId[]): Promise<void> {
    const { userId: viewerId } = socket.data.session;
    const visible = await this.reader.describe({ viewerId }, asked).catch((error: unknown) => {
      this.log.debug(`could not ask who may be watched, nobody is: ${String(error)}`);
      return new Map<UserId, PresenceView>();
    });
    for (const userId of asked) {
      if (visible.has(userId)) continue;
      watched.delete(userId);
      void socket.leave(watchRoom(userId));
    }
  }
}

function asHeard(view: PresenceView | undefined, heard: Heard | undefined): PresenceView[] {
  if (view === undefined) return [];
  return [heard ? { ...view, status: heard.status, last_seen: heard.lastSeen ?? view.last_seen } : view];
}
