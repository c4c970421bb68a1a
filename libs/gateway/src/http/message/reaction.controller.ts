import { Delete, Param, Put } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import { AddReaction, Emoji, RemoveReaction, ViewedMessage } from '@parley/contracts';
import { z } from 'zod';
import { CurrentUser } from '../../auth/current-user.decorator';
import type { UserSession } from '../../auth/user.session';
import { toMessageId } from '../../client.ids';
import { Route } from '../route/route.decorator';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

const ReactionPath = z.object({ id: z.string(), emoji: Emoji.meta({ example: '👍' }) });
type ReactionPath = z.infer<typeof ReactionPath>;

@RestController('api/messages/:id/reactions/:emoji', 'Reactions')
export class ReactionController {
  constructor(private readonly rpc: RpcClient) {}

  @Put()
  @Route({
    summary: 'React to a message',
    description: 'Once with each emoji. A reaction that is there already stays.',
    answers: { 200: ViewedMessage },
    errors: [...AddReaction.errors, 'validation_failed'],
  })
  async add(
    @CurrentUser() { userId }: UserSession,
    @Param({ schema: ReactionPath }) { id, emoji }: ReactionPath,
    @RequestId() requestId: string,
  ): Promise<ViewedMessage> {
    return (await this.rpc.call(AddReaction, { userId, messageId: toMessageId(id), emoji }, { requestId })).message;
  }

  @Delete()
  @Route({
    summary: 'Take a reaction back',
    answers: { 200: ViewedMessage },
    errors: [...RemoveReaction.errors, 'validation_failed'],
  })
  async remove(
    @CurrentUser() { userId }: UserSession,
    @Param({ schema: ReactionPath }) { id, emoji }: ReactionPath,
    @RequestId() requestId: string,
  ): Promise<ViewedMessage> {
    return (await this.rpc.call(RemoveReaction, { userId, messageId: toMessageId(id), emoji }, { requestId })).message;
  }
}
