import { Body, Get, Param, Post, Query } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import {
  CountUnread,
  ListReceipts,
  MarkReceived,
  ReadCursorView,
  ReceiptBody,
  ReceiptView,
  UnreadView,
} from '@parley/contracts';
import type { z } from 'zod';
import { CurrentUser } from '../../auth/current-user.decorator';
import type { UserSession } from '../../auth/user.session';
import { toMessageId } from '../../client.ids';
import { ReceiptMarker } from '../../message/receipt.marker';
import { Also } from '../route/also.decorator';
import { bodyErrors, Route } from '../route/route.decorator';
import { listOf, PageQuery, toPage } from '../route/page.query';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

/** A body may be left out. */
const ReadBody = ReceiptBody.nullish();

const ReceiptList = listOf('receipts', ReceiptView).meta({ id: 'MessageReceiptList' });
type ReceiptList = z.infer<typeof ReceiptList>;

@RestController('api', 'Receipts')
export class ReceiptController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly marker: ReceiptMarker,
  ) {}

  @Post('conversations/:id/read')
  @Route({
    summary: 'Mark a conversation as read',
    description: 'Up to a message or a `seq`, or all of it. What is read stays read.',
    answers: { 200: ReadCursorView },
    errors: [...bodyErrors, ...MarkReceived.errors],
  })
  read(
    @CurrentUser() session: UserSession,
    @Param('id') id: string,
    @Body({ schema: ReadBody }) body: ReceiptBody | null | undefined,
    @RequestId() requestId: string,
  ): Promise<ReadCursorView> {
    return this.marker.read(session, { ...body, conversation_id: id }, requestId);
  }

  @Post('messages/:id/read')
  @Also('PUT')
  @Route({
    summary: 'Mark everything up to a message as read',
    answers: { 200: ReadCursorView },
    errors: MarkReceived.errors,
  })
  readMessage(
    @CurrentUser() session: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<ReadCursorView> {
    return this.marker.read(session, { message_id: id }, requestId);
  }

  @Get('messages/:id/receipts')
  @Route({
    summary: 'Who got a message, and who read it?',
    description: 'All participants but the sender, with nulls for what they have not done.',
    answers: { 200: ReceiptList },
    errors: ListReceipts.errors,
  })
  async list(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @Query({ schema: PageQuery }) query: PageQuery,
    @RequestId() requestId: string,
  ): Promise<ReceiptList> {
    const request = { userId, messageId: toMessageId(id), ...query };
    const answer = await this.rpc.call(ListReceipts, request, { requestId });
    return { receipts: answer.receipts, ...toPage(query, answer) };
  }

  @Get('unread-count')
  @Route({
    summary: 'Count what the caller has not read',
    description: 'Conversations with nothing unread are left out.',
    answers: { 200: UnreadView },
    errors: CountUnread.errors,
  })
  async countUnread(@CurrentUser() { userId }: UserSession, @RequestId() requestId: string): Promise<UnreadView> {
    return (await this.rpc.call(CountUnread, { userId }, { requestId })).unread;
  }
}
