import { Get, Param } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import { GetUser, OwnUserView, UserId, UserView } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { CurrentUser } from '../auth/current-user.decorator';
import { UserDirectory } from '../auth/user.directory';
import type { UserSession } from '../auth/user.session';
import { Route } from './docs/route.decorator';
import { RequestId } from './request-id';
import { RestController } from './rest-controller.decorator';

@RestController('api/users', 'Users')
export class UserController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly users: UserDirectory,
  ) {}

  @Get('me')
  @Route({ summary: "Read the caller's own profile", answers: { 200: OwnUserView }, errors: [] })
  me(@CurrentUser() session: UserSession, @RequestId() requestId: string): Promise<OwnUserView> {
    return this.users.read(session, requestId);
  }

  @Get(':user_id')
  @Route({ summary: "Read a user's profile", answers: { 200: UserView }, errors: GetUser.errors })
  async get(@Param('user_id') id: string, @RequestId() requestId: string): Promise<UserView> {
    const userId = UserId.safeParse(id);
    if (!userId.success) throw new AppError('user_not_found');
    return (await this.rpc.call(GetUser, { userId: userId.data }, { requestId })).user;
  }
}
