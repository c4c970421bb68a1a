import { Body, Get, Param, Post, Query, Res } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import {
  ConversationId,
  ConversationType,
  CreateConversation,
  CreateConversationBody,
  GetConversation,
  ListConversations,
  ViewedConversation,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { CurrentUser } from '../auth/current-user.decorator';
import type { UserSession } from '../auth/user.session';
import { bodyErrors, Route } from './docs/route.decorator';
import { listOf, PageQuery } from './page.query';
import { RequestId } from './request-id';
import { RestController } from './rest-controller.decorator';

const ConversationQuery = PageQuery.extend({ type: ConversationType.optional() });
type ConversationQuery = z.infer<typeof ConversationQuery>;

const ConversationList = listOf('conversations', ViewedConversation).meta({ id: 'ConversationList' });

/** @throws AppError `conversation_not_found` for what can be no conversation's id: one that never was. */
export function toConversationId(text: string): ConversationId {
  const id = ConversationId.safeParse(text);
  if (!id.success) throw new AppError('conversation_not_found');
  return id.data;
}

@RestController('api/conversations', 'Conversations')
export class ConversationController {
  constructor(private readonly rpc: RpcClient) {}

  @Post()
  @Route({
    summary: 'Create a conversation',
    description:
      'The caller is a participant, named or not, and admin of a group or channel. `direct` takes exactly one other user ' +
      'and answers 200 with the conversation that the two already have.',
    answers: { 201: ViewedConversation, 200: ViewedConversation },
    errors: [...bodyErrors, ...CreateConversation.errors],
  })
  async create(
    @CurrentUser() { userId }: UserSession,
    @Body({ schema: CreateConversationBody }) body: CreateConversationBody,
    @RequestId() requestId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ViewedConversation> {
    const request = { creatorId: userId, conversation: body };
    const { conversation, created } = await this.rpc.call(CreateConversation, request, { requestId });
    reply.status(created ? 201 : 200);
    return conversation;
  }

  @Get()
  @Route({
    summary: "List the caller's conversations",
    description: 'Newest activity first.',
    answers: { 200: ConversationList },
    errors: ListConversations.errors,
  })
  async list(
    @CurrentUser() { userId }: UserSession,
    @Query({ schema: ConversationQuery }) query: ConversationQuery,
    @RequestId() requestId: string,
  ): Promise<z.infer<typeof ConversationList>> {
    const { page, limit } = query;
    const answer = await this.rpc.call(ListConversations, { userId, ...query }, { requestId });
    const { conversations, hasMore, nextCursor } = answer;
    return { conversations, has_more: hasMore, next_cursor: nextCursor, page, limit };
  }

  @Get(':conversation_id')
  @Route({
    summary: 'Read a conversation',
    answers: { 200: ViewedConversation },
    errors: GetConversation.errors,
  })
  async get(
    @CurrentUser() { userId }: UserSession,
    @Param('conversation_id') id: string,
    @RequestId() requestId: string,
  ): Promise<ViewedConversation> {
    const request = { userId, conversationId: toConversationId(id) };
    return (await this.rpc.call(GetConversation, request, { requestId })).conversation;
  }
}
