import { Body, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import {
  DeleteMessage,
  EarlierContent,
  EditMessage,
  EditMessageBody,
  GetMessage,
  ListEdits,
  ListMessages,
  RawJson,
  ScheduledMessageView,
  SendMessage,
  SendMessageBody,
  ViewedMessage,
} from '@parley/contracts';
import { z } from 'zod';
import { CurrentUser } from '../../auth/current-user.decorator';
import type { UserSession } from '../../auth/user.session';
import { toConversationId, toMessageId } from '../../client.ids';
import { RateLimited } from '../../limits/rate-limited.decorator';
import { MessageSender } from '../../message/message.sender';
import { Also } from '../route/also.decorator';
import { bodyErrors, Route } from '../route/route.decorator';
import { AcceptsForm } from '../route/accepts-form.decorator';
import { HistoryQuery, nextCursorOf, toPosition } from './history.query';
import { listOf, toPage } from '../route/page.query';
import { wholePage } from '../route/whole.page';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

const MessageList = listOf('messages', ViewedMessage).meta({ id: 'MessageList' });
type MessageList = z.infer<typeof MessageList>;

const SentMessage = z.union([ViewedMessage, ScheduledMessageView]).meta({
  id: 'SentMessage',
  description: 'The message; with `send_at`, what waits for its time, or what became of it.',
});
type SentMessage = z.infer<typeof SentMessage>;

const EditHistory = z.object({ history: z.array(EarlierContent) }).meta({ id: 'EditHistory' });
type EditHistory = z.infer<typeof EditHistory>;

@RestController('api', 'Messages')
export class MessageController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly sender: MessageSender,
  ) {}

  @Post('conversations/:id/messages')
  @RateLimited('message_send')
  @Route({
    summary: 'Send a message, or schedule one',
    description:
      'The answer means that the message is stored. With a `client_message_id` a send may be repeated: the same request ' +
      'answers the same message, another one 409. After a 503 the outcome is unknown; the same key finds it out. With ' +
      '`send_at` the message is sent at that time; a repetition tells by `status` what became of it, and by `message_id` and ' +
      '`seq` which message it is.',
    answers: { 201: SentMessage },
    errors: [...bodyErrors, ...SendMessage.errors],
  })
  async send(
    @CurrentUser() session: UserSession,
    @Param('id') id: string,
    @Body({ schema: SendMessageBody }) body: SendMessageBody,
    @RequestId() requestId: string,
  ): Promise<SentMessage> {
    const sent = await this.sender.send(session, id, body, requestId);
    return sent instanceof RawJson ? sent.value : sent;
  }

  @Get('conversations/:id/messages')
  @Route({
    summary: 'Read the messages of a conversation',
    description:
      'Newest first; from `after_seq` and around `around_message_id` in ascending order. One position at most; `page` ' +
      'counts only without one. `next_cursor` goes on in the same direction; as `cursor`, it wins over a position.',
    answers: { 200: MessageList },
    errors: [...ListMessages.errors, 'validation_failed'],
  })
  async list(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @Query({ schema: HistoryQuery }) query: HistoryQuery,
    @RequestId() requestId: string,
  ): Promise<MessageList> {
    const threadRootId = query.thread_root_id === undefined ? null : toMessageId(query.thread_root_id);
    const list = { userId, conversationId: toConversationId(id), threadRootId };
    const ask = async (part: HistoryQuery) => {
      const position = toPosition(part);
      const request = { ...list, position, limit: part.limit };
      const { messages, hasMore } = await this.rpc.call(ListMessages, request, { requestId });
      return { messages, hasMore, nextCursor: hasMore ? nextCursorOf(position, messages) : null };
    };
    const isNumbered = toPosition(query).at === 'page';
    const answer = await (isNumbered ? wholePage(query, 'messages', ask) : ask(query));
    return { messages: answer.messages, ...toPage(query, answer) };
  }

  @Get('messages/:id')
  @Route({
    summary: 'Read a message',
    answers: { 200: ViewedMessage },
    errors: GetMessage.errors,
  })
  async get(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<ViewedMessage> {
    return (await this.rpc.call(GetMessage, { userId, messageId: toMessageId(id) }, { requestId })).message;
  }

  @Put('messages/:id')
  @Also('PATCH')
  @AcceptsForm()
  @Route({
    summary: 'Edit a message',
    description: 'By its sender, for a while after it was sent; text only. Earlier contents are kept.',
    answers: { 200: ViewedMessage },
    errors: [...bodyErrors, ...EditMessage.errors],
  })
  async edit(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @Body({ schema: EditMessageBody }) { content, metadata = null }: EditMessageBody,
    @RequestId() requestId: string,
  ): Promise<ViewedMessage> {
    const request = { userId, messageId: toMessageId(id), content, metadata };
    return (await this.rpc.call(EditMessage, request, { requestId })).message;
  }

  @Delete('messages/:id')
  @Route({
    summary: 'Delete a message',
    description:
      'By its sender for a while after it was sent, by admins and moderators always. Answers the tombstone that is left.',
    answers: { 200: ViewedMessage },
    errors: DeleteMessage.errors,
  })
  async delete(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<ViewedMessage> {
    return (await this.rpc.call(DeleteMessage, { userId, messageId: toMessageId(id) }, { requestId })).message;
  }

  @Get('messages/:id/history')
  @Route({
    summary: 'Read what a message said before it was edited',
    description: 'Oldest first, without the present content.',
    answers: { 200: EditHistory },
    errors: ListEdits.errors,
  })
  listEdits(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<EditHistory> {
    return this.rpc.call(ListEdits, { userId, messageId: toMessageId(id) }, { requestId });
  }
}
