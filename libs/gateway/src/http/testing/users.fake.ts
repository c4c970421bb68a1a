import { Controller } from '@nestjs/common';
import { RpcHandler } from '@parley/bus';
import {
  ChangeAccess,
  ChangeBlock,
  ListBlocked,
  type RequestOf,
  type Rpc,
  SearchUsers,
  UpdateProfile,
  UpsertUsers,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { anOwnUser, aProfile } from '@parley/testing';

/** What the messaging service says of users beyond who they are: it notes what it is asked, and users called `old…` are there. */
@Controller()
export class FakeUsers {
  private readonly noted: { readonly subject: string; readonly request: unknown }[] = [];

  /** The last request that was made of this kind. */
  asked<R extends Rpc>(rpc: R): RequestOf<R> | undefined {
    return this.noted.findLast(({ subject }) => subject === rpc.subject)?.request as RequestOf<R> | undefined;
  }

  @RpcHandler(UpdateProfile)
  update(request: RequestOf<typeof UpdateProfile>) {
    this.note(UpdateProfile, request);
    if (request.changes.username === 'taken') throw new AppError('username_taken');
    return { user: anOwnUser({ id: request.userId, display_name: request.changes.display_name ?? 'Unchanged' }) };
  }

  @RpcHandler(UpsertUsers)
  upsert(request: RequestOf<typeof UpsertUsers>) {
    this.note(UpsertUsers, request);
    if (request.actorRole !== 'admin') throw new AppError('admin_only');
    const created = request.users.filter(({ id }) => !id.startsWith('old')).length;
    return { users: request.users.map(({ id }) => anOwnUser({ id })), created };
  }

  @RpcHandler(SearchUsers)
  search(request: RequestOf<typeof SearchUsers>) {
    this.note(SearchUsers, request);
    return { users: [aProfile()], hasMore: true, nextCursor: 'next' };
  }

  @RpcHandler(ChangeAccess)
  changeAccess(request: RequestOf<typeof ChangeAccess>) {
    this.note(ChangeAccess, request);
    if (request.actorRole !== 'admin') throw new AppError('admin_only');
    const isBanned = request.action === 'ban';
    return { user: anOwnUser({ id: request.userId, is_banned: isBanned }), access: { isBanned, revokedAt: null } };
  }

  @RpcHandler(ChangeBlock)
  changeBlock(request: RequestOf<typeof ChangeBlock>) {
    this.note(ChangeBlock, request);
    return { user: aProfile({ id: request.blockedId }), changed: !request.blockedId.startsWith('old') };
  }

  @RpcHandler(ListBlocked)
  listBlocked(request: RequestOf<typeof ListBlocked>) {
    this.note(ListBlocked, request);
    return { users: [aProfile()], hasMore: true, nextCursor: 'next' };
  }

  private note<R extends Rpc>(rpc: R, request: RequestOf<R>): void {
    this.noted.push({ subject: rpc.subject, request });
  }
}
