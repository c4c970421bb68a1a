import { Delete, Get, Param, Query } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import { CancelScheduled, ListScheduled, ScheduledMessageView } from '@parley/contracts';
import type { z } from 'zod';
import { CurrentUser } from '../../auth/current-user.decorator';
import type { UserSession } from '../../auth/user.session';
import { toConversationId } from '../../client.ids';
import { Route } from '../route/route.decorator';
import { listOf, PageQuery, toPage } from '../route/page.query';
import { wholePage } from '../route/whole.page';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

const ScheduledList = listOf('messages', ScheduledMessageView).meta({ id: 'ScheduledMessageList' });
type ScheduledList = z.infer<typeof ScheduledList>;

@RestController('api', 'Scheduled messages')
export class ScheduleController {
  constructor(private readonly rpc: RpcClient) {}

  @Get('conversations/:id/scheduled')
  @Route({
    summary: "List the caller's scheduled messages in a conversation",
    description: 'Next due first.',
    answers: { 200: ScheduledList },
    errors: ListScheduled.errors,
  })
  async list(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @Query({ schema: PageQuery }) query: PageQuery,
    @RequestId() requestId: string,
  ): Promise<ScheduledList> {
    const list = { userId, conversationId: toConversationId(id) };
    const answer = await wholePage(query, 'messages', (part) =>
      this.rpc.call(ListScheduled, { ...list, ...part }, { requestId }),
    );
    return { messages: answer.messages, ...toPage(query, answer) };
  }

  @Delete('scheduled/:id')
  @Route({
    summary: 'Cancel a scheduled message',
    description: 'Answers what will not be sent, however often it is asked. Too late once it was sent or has failed.',
    answers: { 200: ScheduledMessageView },
    errors: CancelScheduled.errors,
  })
  async cancel(
    @CurrentUser() { userId }: UserSession,
    @Param('id') scheduledId: string,
    @RequestId() requestId: string,
  ): Promise<ScheduledMessageView> {
    return (await this.rpc.call(CancelScheduled, { userId, scheduledId }, { requestId })).scheduled;
  }
}
