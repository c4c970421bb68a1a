import type { ParticipantView, PresenceView, UserId, UserView } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { PresenceReader } from './presence.reader';

/** How long an answer waits for presence, in milliseconds; past that it is given without. */
const timeoutMs = 500;

interface Viewer {
  readonly userId: UserId;
}

/**
 * Adds to answers who is online, as the one who asked may see it: one question for each answer, whatever it names. Without
 * an answer everybody stays `offline`: presence never makes a request fail.
 */
@Injectable()
export class PresenceFiller {
  constructor(private readonly reader: PresenceReader) {}

  /** For users that the viewer may have nothing to do with. */
  async users<U extends UserView>(viewer: Viewer, users: readonly U[], requestId?: string): Promise<U[]> {
    const presence = await this.ask(viewer, users, false, requestId);
    return users.map((user) => filled(user, presence));
  }

  async user<U extends UserView>(viewer: Viewer, user: U, requestId?: string): Promise<U> {
    const [found = user] = await this.users(viewer, [user], requestId);
    return found;
  }

  /** For those of conversations that the viewer is in. */
  async participants<P extends ParticipantView>(
    viewer: Viewer,
    participants: readonly P[],
    requestId?: string,
  ): Promise<P[]> {
    const people = participants.map(({ user }) => user);
    const presence = await this.ask(viewer, people, true, requestId);
    return participants.map((participant) => ({ ...participant, user: filled(participant.user, presence) }));
  }

  /** For conversations that the viewer is in. */
  async conversations<C extends { readonly participants: readonly ParticipantView[] }>(
    viewer: Viewer,
    conversations: readonly C[],
    requestId?: string,
  ): Promise<C[]> {
    const people = conversations.flatMap(({ participants }) => participants.map(({ user }) => user));
    const presence = await this.ask(viewer, people, true, requestId);
    return conversations.map((conversation) => ({
      ...conversation,
      participants: conversation.participants.map((participant) => ({
        ...participant,
        user: filled(participant.user, presence),
      })),
    }));
  }

  async conversation<C extends { readonly participants: readonly ParticipantView[] }>(
    viewer: Viewer,
    conversation: C,
    requestId?: string,
  ): Promise<C> {
    const [found = conversation] = await this.conversations(viewer, [conversation], requestId);
    return found;
  }

  /** Never rejects. */
  private async ask(
    { userId: viewerId }: Viewer,
    users: readonly UserView[],
    areParticipants: boolean,
    requestId: string | undefined,
  ): Promise<ReadonlyMap<UserId, PresenceView>> {
    if (users.length === 0) return new Map();
    const ids = users.map(({ id }) => id);
    return this.reader.describe({ viewerId, requestId, timeoutMs }, ids, areParticipants).catch(() => new Map());
  }
}

function filled<U extends UserView>(user: U, presence: ReadonlyMap<UserId, PresenceView>): U {
  const known = presence.get(user.id);
  return known ? { ...user, status: known.status, last_seen: known.last_seen } : user;
}
