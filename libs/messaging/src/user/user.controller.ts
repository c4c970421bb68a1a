import { RpcHandler } from '@parley/bus';
import {
  ChangeAccess,
  EnsureUser,
  GetUser,
  ReadAccess,
  type RequestOf,
  type ResponseOf,
  SearchUsers,
  UpdateProfile,
  UpsertUsers,
} from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { toOwnUserView, toUserAccess } from './user.mapper';
import { UserReader } from './user.reader';
import { UserService } from './user.service';
import { UserAccessService } from './user-access.service';

@Controller()
export class UserController {
  constructor(
    private readonly users: UserService,
    private readonly access: UserAccessService,
    private readonly reader: UserReader,
  ) {}

  @RpcHandler(EnsureUser)
  async ensure({ userId, profile, issuedAt }: RequestOf<typeof EnsureUser>): Promise<ResponseOf<typeof EnsureUser>> {
    const row = await this.users.ensure(userId, profile, issuedAt);
    return { user: toOwnUserView(row), access: toUserAccess(row) };
  }

  @RpcHandler(GetUser)
  async get({ userId }: RequestOf<typeof GetUser>): Promise<ResponseOf<typeof GetUser>> {
    return { user: await this.reader.getProfile(userId) };
  }

  @RpcHandler(SearchUsers)
  search(request: RequestOf<typeof SearchUsers>): Promise<ResponseOf<typeof SearchUsers>> {
    return this.reader.search(request);
  }

  @RpcHandler(UpdateProfile)
  async update(request: RequestOf<typeof UpdateProfile>): Promise<ResponseOf<typeof UpdateProfile>> {
    return { user: toOwnUserView(await this.users.update(request)) };
  }

  @RpcHandler(UpsertUsers)
  async upsert(request: RequestOf<typeof UpsertUsers>): Promise<ResponseOf<typeof UpsertUsers>> {
    const { users, created } = await this.users.upsert(request);
    return { users: users.map(toOwnUserView), created };
  }

  @RpcHandler(ChangeAccess)
  changeAccess(request: RequestOf<typeof ChangeAccess>): Promise<ResponseOf<typeof ChangeAccess>> {
    return this.access.change(request);
  }

  @RpcHandler(ReadAccess)
  readAccess(request: RequestOf<typeof ReadAccess>): Promise<ResponseOf<typeof ReadAccess>> {
    return this.access.read(request);
  }
}
