import { Body, Get, Param, Put, Query } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import {
  GetUser,
  OwnUserView,
  SearchUsers,
  text,
  UpdateProfile,
  UpdateProfileBody,
  UserProfileView,
} from '@parley/contracts';
import { z } from 'zod';
import { CurrentUser } from '../../auth/current-user.decorator';
import { UserDirectory } from '../../auth/user.directory';
import type { UserSession } from '../../auth/user.session';
import { toUserId } from '../../client.ids';
import { PresenceFiller } from '../../presence/presence.filler';
import { Also } from '../route/also.decorator';
import { bodyErrors, Route } from '../route/route.decorator';
import { listOf, PageQuery, SearchText, toPage } from '../route/page.query';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

const UserList = listOf('users', UserProfileView).meta({ id: 'UserList' });
type UserList = z.infer<typeof UserList>;

const SearchQuery = z.object({
  email: text(0, 320)
    .optional()
    .meta({ description: 'An e-mail address, or the beginning of one: at least three characters.' }),
  q: SearchText.optional().meta({ description: 'The beginning of a username or display name.' }),
  ...PageQuery.shape,
});
type SearchQuery = z.infer<typeof SearchQuery>;

@RestController('api/users', 'Users')
export class UserController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly users: UserDirectory,
    private readonly presence: PresenceFiller,
  ) {}

  @Get('me')
  @Route({ summary: "Read the caller's own profile", answers: { 200: OwnUserView }, errors: [] })
  async me(@CurrentUser() session: UserSession, @RequestId() requestId: string): Promise<OwnUserView> {
    return this.presence.user(session, await this.users.read(session, requestId), requestId);
  }

  @Put('me')
  @Also('PATCH')
  @Route({
    summary: "Change the caller's own profile",
    description:
      'What is absent stays; `null` takes a username, picture or status text away. What was set here is not refreshed from ' +
      'tokens any more.',
    answers: { 200: OwnUserView },
    errors: [...bodyErrors, ...UpdateProfile.errors],
  })
  async update(
    @CurrentUser() session: UserSession,
    @Body({ schema: UpdateProfileBody }) changes: UpdateProfileBody,
    @RequestId() requestId: string,
  ): Promise<OwnUserView> {
    const { user } = await this.rpc.call(UpdateProfile, { userId: session.userId, changes }, { requestId });
    this.users.changed(session, user);
    return this.presence.user(session, user, requestId);
  }

  @Get('search')
  @Route({
    summary: 'Search users',
    description:
      'By `email`, by `q`, or by both, which both have to fit then; case does not matter. The deployment decides what may ' +
      'be searched by (`SEARCHABLE_FIELDS`): by anything else nobody is found. Banned users and those who block the caller ' +
      'are left out, and nobody’s e-mail address is shown. One search tells of a thousand users at most: who looks for more ' +
      'asks more exactly.',
    answers: { 200: UserList },
    errors: SearchUsers.errors,
  })
  async search(
    @CurrentUser() { userId }: UserSession,
    @Query({ schema: SearchQuery }) query: SearchQuery,
    @RequestId() requestId: string,
  ): Promise<UserList> {
    const answer = await this.rpc.call(SearchUsers, { userId, ...query }, { requestId });
    const users = await this.presence.users({ userId }, answer.users, requestId);
    return { users, ...toPage(query, answer) };
  }

  @Get(':id')
  @Route({
    summary: "Read a user's profile",
    description: 'Without e-mail address and role, which are the business of the user alone.',
    answers: { 200: UserProfileView },
    errors: GetUser.errors,
  })
  async get(
    @CurrentUser() session: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<UserProfileView> {
    const { user } = await this.rpc.call(GetUser, { userId: toUserId(id) }, { requestId });
    return this.presence.user(session, user, requestId);
  }
}
