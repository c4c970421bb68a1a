import { Body, Get, Put, Query } from '@nestjs/common';
import { PresenceView, SetStatusBody, UserId, UserView } from '@parley/contracts';
import { z } from 'zod';
import { CurrentUser } from '../../auth/current-user.decorator';
import type { UserSession } from '../../auth/user.session';
import { PresenceReader } from '../../presence/presence.reader';
import { StatusService } from '../../presence/status.service';
import { bodyErrors, Route } from '../route/route.decorator';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

/** Users in one question. */
const maxAsked = 200;

const StatusQuery = z.object({
  // A query that names a single user has text in the place of a list.
  user_ids: z
    .preprocess((ids) => (typeof ids === 'string' ? [ids] : ids), z.array(UserId).max(maxAsked))
    .meta({ description: 'Repeated for each user.' }),
});
type StatusQuery = z.infer<typeof StatusQuery>;

const StatusList = z.object({ statuses: z.array(PresenceView) }).meta({ id: 'StatusList' });
type StatusList = z.infer<typeof StatusList>;

export const OnlineUsers = z.object({ users: z.array(UserView) }).meta({ id: 'OnlineUsers' });
export type OnlineUsers = z.infer<typeof OnlineUsers>;

/** Presence of those that the caller may not see: the same as of users that never were here. */
const unseen = (userId: UserId): PresenceView => ({
  user_id: userId,
  status: 'offline',
  status_text: null,
  is_typing: false,
  typing_in_conversation: null,
  last_seen: null,
});

@RestController('api/users', 'Presence')
export class PresenceController {
  constructor(
    private readonly reader: PresenceReader,
    private readonly statuses: StatusService,
  ) {}

  @Get('status')
  @Route({
    summary: 'Read the presence of users',
    description:
      'Up to 200 users. Those who share no conversation with the caller, or block the caller, are shown as `offline`.',
    answers: { 200: StatusList },
    errors: ['validation_failed'],
  })
  async list(
    @CurrentUser() { userId: viewerId }: UserSession,
    @Query({ schema: StatusQuery }) { user_ids: userIds }: StatusQuery,
    @RequestId() requestId: string,
  ): Promise<StatusList> {
    const presence = await this.reader.describe({ viewerId, requestId }, userIds);
    return { statuses: [...new Set(userIds)].map((id) => presence.get(id) ?? unseen(id)) };
  }

  @Put('status')
  @Route({
    summary: "Set the caller's own status",
    description:
      '`away` and `busy` hold while the caller is online, `offline` hides open sockets. Without a socket a status holds for ' +
      'five minutes after the last request. Typing ends by itself after five seconds. What is absent stays.',
    answers: { 200: PresenceView },
    errors: [
      ...bodyErrors,
      'conversation_not_found',
      'not_a_participant',
      'participant_muted',
      'posting_restricted',
      'user_blocked',
    ],
  })
  set(
    @CurrentUser() session: UserSession,
    @Body({ schema: SetStatusBody }) body: SetStatusBody,
    @RequestId() requestId: string,
  ): Promise<PresenceView> {
    return this.statuses.set(session, body, requestId);
  }

  @Get('online')
  @Route({
    summary: 'List who is online',
    description: 'Of those who share a conversation with the caller, by user id; at most 500.',
    answers: { 200: OnlineUsers },
    errors: [],
  })
  async online(@CurrentUser() { userId: viewerId }: UserSession, @RequestId() requestId: string): Promise<OnlineUsers> {
    return { users: await this.reader.listOnlinePeers({ viewerId, requestId }) };
  }
}
