import { Delete, Get, Param, Post, Query, Res } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import { ChangeBlock, ListBlocked, UserProfileView } from '@parley/contracts';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { CurrentUser } from '../../auth/current-user.decorator';
import type { UserSession } from '../../auth/user.session';
import { toUserId } from '../../client.ids';
import { PresenceFiller } from '../../presence/presence.filler';
import { Route } from '../route/route.decorator';
import { listOf, PageQuery, toPage } from '../route/page.query';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

const BlockedList = listOf('users', UserProfileView).meta({ id: 'BlockedList' });
type BlockedList = z.infer<typeof BlockedList>;

@RestController('api/users', 'Blocks')
export class BlockController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly presence: PresenceFiller,
  ) {}

  @Get('blocked')
  @Route({
    summary: 'List whom the caller blocks',
    description: 'By user id.',
    answers: { 200: BlockedList },
    errors: ListBlocked.errors,
  })
  async list(
    @CurrentUser() { userId }: UserSession,
    @Query({ schema: PageQuery }) query: PageQuery,
    @RequestId() requestId: string,
  ): Promise<BlockedList> {
    const answer = await this.rpc.call(ListBlocked, { userId, ...query }, { requestId });
    const users = await this.presence.users({ userId }, answer.users, requestId);
    return { users, ...toPage(query, answer) };
  }

  @Post(':id/block')
  @Route({
    summary: 'Block a user',
    description:
      'The blocked user can neither open nor write in a direct conversation with the caller, nor see the caller’s presence; ' +
      'groups are untouched. Answers 200 where the user was blocked already.',
    answers: { 201: UserProfileView, 200: UserProfileView },
    errors: ChangeBlock.errors,
  })
  async block(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserProfileView> {
    const request = { userId, blockedId: toUserId(id), isBlocked: true };
    const { user, changed } = await this.rpc.call(ChangeBlock, request, { requestId });
    reply.status(changed ? 201 : 200);
    return this.presence.user({ userId }, user, requestId);
  }

  @Delete(':id/block')
  @Route({
    summary: 'Unblock a user',
    answers: { 200: UserProfileView },
    errors: ChangeBlock.errors,
  })
  async unblock(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<UserProfileView> {
    const request = { userId, blockedId: toUserId(id), isBlocked: false };
    const { user } = await this.rpc.call(ChangeBlock, request, { requestId });
    return this.presence.user({ userId }, user, requestId);
  }
}
