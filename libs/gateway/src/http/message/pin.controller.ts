import { Delete, Get, Param, Put, Query } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import { ListPins, PinMessage, UnpinMessage, ViewedMessage } from '@parley/contracts';
import type { z } from 'zod';
import { CurrentUser } from '../../auth/current-user.decorator';
import type { UserSession } from '../../auth/user.session';
import { toConversationId, toMessageId } from '../../client.ids';
import { Route } from '../route/route.decorator';
import { listOf, PageQuery, toPage } from '../route/page.query';
import { wholePage } from '../route/whole.page';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

const PinList = listOf('messages', ViewedMessage).meta({ id: 'PinList' });
type PinList = z.infer<typeof PinList>;

@RestController('api', 'Pins')
export class PinController {
  constructor(private readonly rpc: RpcClient) {}

  @Put('messages/:id/pin')
  @Route({
    summary: 'Pin a message',
    description: 'By admins and moderators; in a direct conversation by either side.',
    answers: { 200: ViewedMessage },
    errors: PinMessage.errors,
  })
  async pin(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<ViewedMessage> {
    return (await this.rpc.call(PinMessage, { userId, messageId: toMessageId(id) }, { requestId })).message;
  }

  @Delete('messages/:id/pin')
  @Route({
    summary: 'Unpin a message',
    answers: { 200: ViewedMessage },
    errors: UnpinMessage.errors,
  })
  async unpin(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<ViewedMessage> {
    return (await this.rpc.call(UnpinMessage, { userId, messageId: toMessageId(id) }, { requestId })).message;
  }

  @Get('conversations/:id/pins')
  @Route({
    summary: 'List the pinned messages of a conversation',
    description: 'Latest pin first.',
    answers: { 200: PinList },
    errors: ListPins.errors,
  })
  async list(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @Query({ schema: PageQuery }) query: PageQuery,
    @RequestId() requestId: string,
  ): Promise<PinList> {
    const list = { userId, conversationId: toConversationId(id) };
    const answer = await wholePage(query, 'messages', (part) =>
      this.rpc.call(ListPins, { ...list, ...part }, { requestId }),
    );
    return { messages: answer.messages, ...toPage(query, answer) };
  }
}
