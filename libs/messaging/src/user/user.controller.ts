import { RpcHandler } from '@parley/bus';
import { EnsureUser, GetUser, type RequestOf, type ResponseOf } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Controller } from '@nestjs/common';
import { toOwnUserView, toUserView } from './user.mapper';
import { UserRepository } from './user.repository';

@Controller()
export class UserController {
  constructor(private readonly users: UserRepository) {}

  @RpcHandler(EnsureUser)
  async ensure({ userId, profile }: RequestOf<typeof EnsureUser>): Promise<ResponseOf<typeof EnsureUser>> {
    return { user: toOwnUserView(await this.users.ensure(userId, profile)) };
  }

  @RpcHandler(GetUser)
  async get({ userId }: RequestOf<typeof GetUser>): Promise<ResponseOf<typeof GetUser>> {
    const row = await this.users.find(userId);
    if (row === undefined) throw new AppError('user_not_found');
    return { user: toUserView(row) };
  }
}
