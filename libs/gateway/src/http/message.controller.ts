import { Body, Get, Param, Post, Query } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import { ListMessages, MessageView, SendMessage, SendMessageBody } from '@parley/contracts';
import type { z } from 'zod';
import { CurrentUser } from '../auth/current-user.decorator';
import type { UserSession } from '../auth/user.session';
import { MessageSender } from '../message/message.sender';
import { toConversationId } from './conversation.controller';
import { bodyErrors, Route } from './docs/route.decorator';
import { HistoryQuery, nextCursorOf, toPosition } from './history.query';
import { listOf } from './page.query';
import { RequestId } from './request-id';
import { RestController } from './rest-controller.decorator';

const MessageList = listOf('messages', MessageView).meta({ id: 'MessageList' });

@RestController('api/conversations/:conversation_id/messages', 'Messages')
export class MessageController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly sender: MessageSender,
  ) {}

  @Post()
  @Route({
    summary: 'Send a message',
    description:
      'The answer means that the message is stored. With a `client_message_id` a send may be repeated: the same request ' +
      'answers the same message, another one 409. After a 503 the outcome is unknown; the same key finds it out.',
    answers: { 201: MessageView },
    errors: [...bodyErrors, ...SendMessage.errors],
  })
  send(
    @CurrentUser() session: UserSession,
    @Param('conversation_id') id: string,
    @Body({ schema: SendMessageBody }) body: SendMessageBody,
    @RequestId() requestId: string,
  ): Promise<MessageView> {
    return this.sender.send(session, id, body, requestId);
  }

  @Get()
  @Route({
    summary: 'Read the messages of a conversation',
    description:
      'Newest first; from `after_seq` and around `around_message_id` in ascending order. One position at most; `page` ' +
      'counts only without one. `next_cursor` goes on in the same direction.',
    answers: { 200: MessageList },
    errors: [...ListMessages.errors, 'validation_failed'],
  })
  async list(
    @CurrentUser() { userId }: UserSession,
    @Param('conversation_id') id: string,
    @Query({ schema: HistoryQuery }) query: HistoryQuery,
    @RequestId() requestId: string,
  ): Promise<z.infer<typeof MessageList>> {
    const { page, limit } = query;
    const position = toPosition(query);
    const request = { userId, conversationId: toConversationId(id), position, limit };
    const { messages, hasMore } = await this.rpc.call(ListMessages, request, { requestId });
    const nextCursor = hasMore ? nextCursorOf(position, messages) : null;
    return { messages, has_more: hasMore, next_cursor: nextCursor, page, limit };
  }
}
