import { RpcClient } from '@parley/bus';
import {
  type ConversationId,
  DescribePeers,
  type Head,
  type KnownPresence,
  ListPeers,
  ListVisibleParticipants,
  type PresenceView,
  ReadStatuses,
  type UserId,
  type UserView,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable, Logger } from '@nestjs/common';
import { TypingBoard } from './typing.board';

/** Users in one call. */
const batchSize = 1_000;
/** How long presence may take, in milliseconds: without it everybody is offline. */
const statusTimeoutMs = 500;
/** Users that a list of online ones looks through, and names. */
const maxLookedThrough = 5_000;
const maxListed = 500;

export interface Asking {
  readonly viewerId: UserId;
  readonly requestId?: string | undefined;
  /** How long it may take, in milliseconds; without it, as long as calls do. */
  readonly timeoutMs?: number;
}

type Statuses = ReadonlyMap<UserId, KnownPresence>;

interface PeerPage {
  readonly users: readonly UserView[];
  readonly hasMore: boolean;
}

/** Presence as one user may see it: of strangers, and of those who block the viewer, nothing. */
@Injectable()
export class PresenceReader {
  private readonly log = new Logger(PresenceReader.name);
  private isAway = false;

  constructor(
    private readonly rpc: RpcClient,
    private readonly board: TypingBoard,
  ) {}

  /**
   * The presence of users, for those that the viewer may see. Where presence is not known they are offline.
   *
   * @param areParticipants it is known that all of them share a conversation with the viewer.
   * @throws AppError `service_unavailable` when it cannot be asked who may see whom.
   */
  async describe(
    asking: Asking,
    userIds: readonly UserId[],
    areParticipants = false,
  ): Promise<ReadonlyMap<UserId, PresenceView>> {
    const views = new Map<UserId, PresenceView>();
    const wanted = [...new Set(userIds)];
    for (let start = 0; start < wanted.length; start += batchSize) {
      const part = wanted.slice(start, start + batchSize);
      for (const view of await this.describePart(asking, part, areParticipants)) views.set(view.user_id, view);
    }
    return views;
  }

  /**
   * How a user is seen by itself.
   *
   * @param said how the user is now, where that is being asked already.
   * @throws AppError `user_not_found`, and what `said` rejects with.
   */
  async describeSelf(asking: Asking, said?: Promise<KnownPresence>): Promise<PresenceView> {
    const userIds = [asking.viewerId];
    const statuses = said?.then((known) => new Map([[known.userId, known]]));
    const [view] = await this.describePart(asking, userIds, true, statuses);
    if (view === undefined) throw new AppError('user_not_found');
    return view;
  }

  /** Who of those that share a conversation with the viewer is online, by id; not the viewer. At most 500. */
  async listOnlinePeers(asking: Asking): Promise<UserView[]> {
    const { viewerId } = asking;
    return this.collectOnline(asking, (after) =>
      this.rpc.call(ListPeers, { viewerId, limit: batchSize, ...after }, optionsOf(asking)),
    );
  }

  /**
   * Who of a conversation is online, by id, and where it stands. At most 500.
   *
   * @throws AppError `conversation_not_found`, `not_a_participant`.
   */
  async listOnlineParticipants(
    asking: Asking,
    conversationId: ConversationId,
  ): Promise<{ readonly users: UserView[]; readonly head: Head }> {
    let head: Head = { seq: 0, rev: 0 };
    const users = await this.collectOnline(asking, async (after) => {
      const request = { viewerId: asking.viewerId, conversationId, limit: batchSize, ...after };
      const page = await this.rpc.call(ListVisibleParticipants, request, optionsOf(asking));
      head = page.head;
      return page;
    });
    return { users, head };
  }

  /** @throws AppError `conversation_not_found`, `not_a_participant`. */
  async demandParticipant(asking: Asking, conversationId: ConversationId): Promise<void> {
    const request = { viewerId: asking.viewerId, conversationId, limit: 1 };
    await this.rpc.call(ListVisibleParticipants, request, optionsOf(asking));
  }

  private async collectOnline(
    asking: Asking,
    list: (after: { readonly after?: UserId }) => Promise<PeerPage>,
  ): Promise<UserView[]> {
    const online: UserView[] = [];
    let after: { readonly after?: UserId } = {};
    for (let looked = 0; looked < maxLookedThrough && online.length < maxListed;) {
      const { users, hasMore } = await list(after);
      const ids = users.map(({ id }) => id);
      const statuses = await this.readStatuses(asking, ids);
      // Of most of many nothing more has to be asked.
      const present = ids.filter((id) => isOnline(statuses.get(id)));
      const views = present.length > 0 ? await this.describePart(asking, present, true, statuses) : [];
      const presence = new Map(views.map((view) => [view.user_id, view]));
      online.push(...users.flatMap((user) => whereOnline(user, presence.get(user.id))));
      looked += users.length;
      const last = ids.at(-1);
      if (!hasMore || last === undefined) break;
      after = { after: last };
    }
    return online.slice(0, maxListed);
  }

  private async describePart(
    asking: Asking,
    userIds: UserId[],
    areParticipants: boolean,
    asked: Statuses | Promise<Statuses> = this.readStatuses(asking, userIds),
  ): Promise<readonly PresenceView[]> {
    const conversationIds = [...new Set(userIds.flatMap((userId) => [...this.board.of(userId)]))].slice(0, batchSize);
    const request = { viewerId: asking.viewerId, userIds, areParticipants, conversationIds };
    const [{ peers, conversationIds: shared }, statuses] = await Promise.all([
      this.rpc.call(DescribePeers, request, optionsOf(asking)),
      asked,
    ]);
    const own = new Set(shared);
    return peers.map(({ userId, lastSeen, statusText }): PresenceView => {
      const known = statuses.get(userId);
      const typing = [...this.board.of(userId)].find((id) => own.has(id));
      return {
        user_id: userId,
        status: known?.status ?? 'offline',
        status_text: statusText,
        is_typing: typing !== undefined,
        typing_in_conversation: typing ?? null,
        last_seen: known?.lastSeen ?? lastSeen,
      };
    });
  }

  /** Never rejects: without presence nobody is known to be here. */
  private async readStatuses({ requestId }: Asking, userIds: UserId[]): Promise<Statuses> {
    try {
      const options = { timeoutMs: statusTimeoutMs, ...(requestId === undefined ? {} : { requestId }) };
      const { statuses } = await this.rpc.call(ReadStatuses, { userIds }, options);
      this.isAway = false;
      return new Map(statuses.map((known) => [known.userId, known]));
    } catch (error) {
      // Once per outage, not once per request.
      if (!this.isAway) this.log.warn(`presence is unknown, everybody is shown as offline: ${String(error)}`);
      this.isAway = true;
      return new Map();
    }
  }
}

function isOnline<P extends Pick<PresenceView, 'status'>>(presence: P | undefined): presence is P {
  return presence !== undefined && presence.status !== 'offline';
}

function whereOnline(user: UserView, presence: PresenceView | undefined): UserView[] {
  if (!isOnline(presence)) return [];
  return [{ ...user, status: presence.status, last_seen: presence.last_seen }];
}

function optionsOf({ requestId, timeoutMs }: Asking) {
  return { ...(requestId === undefined ? {} : { requestId }), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}
