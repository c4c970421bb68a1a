import { Body, Param, Post, Put, Res } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import {
  AdminProfileBody,
  ChangeAccess,
  OwnUserView,
  type RequestOf,
  UpsertUsers,
  UpsertUsersBody,
  UserId,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CurrentUser } from '../../auth/current-user.decorator';
import type { UserSession } from '../../auth/user.session';
import { toUserId } from '../../client.ids';
import { PresenceFiller } from '../../presence/presence.filler';
import { bodyErrors, Route } from '../route/route.decorator';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

const UpsertedUsers = z.object({ users: z.array(OwnUserView) }).meta({ id: 'UpsertedUsers' });
type UpsertedUsers = z.infer<typeof UpsertedUsers>;

type AccessAction = RequestOf<typeof ChangeAccess>['action'];

/** What is set here holds against tokens. */
const holds =
  'For tokens of the role `admin`. What is absent stays, and what is set here is not refreshed from tokens any more. ' +
  'What a user may do follows the role in the token all the same, whatever `role` says here.';

/** For a product's own server: who the users are, and who may come in. */
@RestController('api/users', 'Administration')
export class UserAdminController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly presence: PresenceFiller,
  ) {}

  @Post()
  @Route({
    summary: 'Create or update users',
    description: `All of them or none; 200 where all were there already. ${holds}`,
    answers: { 201: UpsertedUsers, 200: UpsertedUsers },
    errors: [...bodyErrors, ...UpsertUsers.errors],
  })
  async upsertMany(
    @CurrentUser() session: UserSession,
    @Body({ schema: UpsertUsersBody }) { users }: UpsertUsersBody,
    @RequestId() requestId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UpsertedUsers> {
    const answer = await this.rpc.call(UpsertUsers, { actorRole: session.role, users }, { requestId });
    reply.status(answer.created > 0 ? 201 : 200);
    return { users: await this.presence.users(session, answer.users, requestId) };
  }

  @Put(':id')
  @Route({
    summary: 'Create or update a user',
    description: `Answers 200 where the user was there already. ${holds}`,
    answers: { 201: OwnUserView, 200: OwnUserView },
    errors: [...bodyErrors, ...UpsertUsers.errors],
  })
  async upsert(
    @CurrentUser() session: UserSession,
    @Param('id') id: string,
    @Body({ schema: AdminProfileBody }) body: AdminProfileBody,
    @RequestId() requestId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OwnUserView> {
    const request = { actorRole: session.role, users: [{ ...body, id: toNewUserId(id) }] };
    const { users, created } = await this.rpc.call(UpsertUsers, request, { requestId });
    reply.status(created > 0 ? 201 : 200);
    return this.presence.user(session, theOne(users), requestId);
  }

  @Post(':id/ban')
  @Route({
    summary: 'Ban a user',
    description:
      'For tokens of the role `admin`. The user’s sockets are closed (4403) and all calls are refused, on every gateway ' +
      'within five seconds, until `unban`. Conversations stay as they are.',
    answers: { 200: OwnUserView },
    errors: ChangeAccess.errors,
  })
  ban(
    @CurrentUser() session: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<OwnUserView> {
    return this.changeAccess(session, id, 'ban', requestId);
  }

  @Post(':id/unban')
  @Route({
    summary: 'Let a banned user in again',
    description: 'For tokens of the role `admin`.',
    answers: { 200: OwnUserView },
    errors: ChangeAccess.errors,
  })
  unban(
    @CurrentUser() session: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<OwnUserView> {
    return this.changeAccess(session, id, 'unban', requestId);
  }

  @Post(':id/revoke')
  @Route({
    summary: 'Refuse the present tokens of a user',
    description:
      'For tokens of the role `admin`. Tokens of the user that were issued (`iat`) up to this second are refused, and the ' +
      'sockets that hold one are closed (4401), on every gateway within five seconds. With a newer token the user comes in.',
    answers: { 200: OwnUserView },
    errors: ChangeAccess.errors,
  })
  revoke(
    @CurrentUser() session: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<OwnUserView> {
    return this.changeAccess(session, id, 'revoke', requestId);
  }

  private async changeAccess(
    session: UserSession,
    id: string,
    action: AccessAction,
    requestId: string,
  ): Promise<OwnUserView> {
    const request = { actorRole: session.role, userId: toUserId(id), action };
    const { user } = await this.rpc.call(ChangeAccess, request, { requestId });
    return this.presence.user(session, user, requestId);
  }
}

/** @throws AppError `validation_failed` for what can be nobody's id: the user is to be created. */
function toNewUserId(text: string): UserId {
  const id = UserId.safeParse(text);
  if (id.success) return id.data;
  const issues = id.error.issues.map(({ message }) => ({ path: 'id', message }));
  throw new AppError('validation_failed', { issues });
}

function theOne(users: readonly OwnUserView[]): OwnUserView {
  const [user] = users;
  if (user === undefined) throw new AppError('internal_error');
  return user;
}
