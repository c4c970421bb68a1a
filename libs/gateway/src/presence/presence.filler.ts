import type { ParticipantView, PresenceView, SyncView, UserId, UserView } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { PresenceReader } from './presence.reader';

/** How long an answer waits for presence, in milliseconds; past that it is given without. */
const timeoutMs = 500;

type Presence = ReadonlyMap<UserId, PresenceView>;

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
    return allFilled(participants, await this.askPeers(viewer, participants, requestId));
  }

  /** For conversations that the viewer is in. */
  async conversations<C extends { readonly participants: readonly ParticipantView[] }>(
    viewer: Viewer,
    conversations: readonly C[],
    requestId?: string,
  ): Promise<C[]> {
    const people = conversations.flatMap(({ participants }) => participants);
    const presence = await this.askPeers(viewer, people, requestId);
    return conversations.map((conversation) => withFilled(conversation, presence));
  }

  async conversation<C extends { readonly participants: readonly ParticipantView[] }>(
    viewer: Viewer,
    conversation: C,
    requestId?: string,
  ): Promise<C> {
    const [found = conversation] = await this.conversations(viewer, [conversation], requestId);
    return found;
  }

  /** For what the viewer has missed. */
  async sync(viewer: Viewer, missed: SyncView, requestId?: string): Promise<SyncView> {
    const conversations = Object.entries(missed.conversations);
    const people = [
      ...conversations.flatMap(([, { participants }]) => participants),
      ...conversations.flatMap(([, { conversation }]) => conversation?.participants ?? []),
      ...missed.new_conversations.flatMap(({ participants }) => participants),
    ];
    const presence = await this.askPeers(viewer, people, requestId);
    if (presence.size === 0) return missed;
    return {
      ...missed,
      conversations: Object.fromEntries(
        conversations.map(([id, changes]) => [
          id,
          {
            ...withFilled(changes, presence),
            ...(changes.conversation && { conversation: withFilled(changes.conversation, presence) }),
          },
        ]),
      ),
      new_conversations: missed.new_conversations.map((conversation) => withFilled(conversation, presence)),
    };
  }

  /** Never rejects. */
  private askPeers(
    viewer: Viewer,
    participants: readonly ParticipantView[],
    requestId: string | undefined,
  ): Promise<Presence> {
    const people = participants.map(({ user }) => user);
    return this.ask(viewer, people, true, requestId);
  }

  /** Never rejects. */
  private async ask(
    { userId: viewerId }: Viewer,
    users: readonly UserView[],
    areParticipants: boolean,
    requestId: string | undefined,
  ): Promise<Presence> {
    if (users.length === 0) return new Map();
    const ids = users.map(({ id }) => id);
    return this.reader.describe({ viewerId, requestId, timeoutMs }, ids, areParticipants).catch(() => new Map());
  }
}

function filled<U extends UserView>(user: U, presence: Presence): U {
  const known = presence.get(user.id);
  return known ? { ...user, status: known.status, last_seen: known.last_seen } : user;
}

function allFilled<P extends ParticipantView>(participants: readonly P[], presence: Presence): P[] {
  return participants.map((participant) => ({ ...participant, user: filled(participant.user, presence) }));
}

function withFilled<C extends { readonly participants: readonly ParticipantView[] }>(holder: C, presence: Presence): C {
  return { ...holder, participants: allFilled(holder.participants, presence) };
}
