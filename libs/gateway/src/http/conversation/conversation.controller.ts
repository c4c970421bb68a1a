import { Body, Delete, Get, Param, Post, Put, Query, Res } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import {
  ConversationType,
  CreateConversation,
  CreateConversationBody,
  DeleteConversation,
  GetConversation,
  JoinConversation,
  ListConversations,
  ListPublicConversations,
  PublicConversation,
  UpdateConversation,
  UpdateConversationBody,
  ViewedConversation,
} from '@parley/contracts';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CurrentUser } from '../../auth/current-user.decorator';
import type { UserSession } from '../../auth/user.session';
import { toConversationId } from '../../client.ids';
import { RateLimited } from '../../limits/rate-limited.decorator';
import { PresenceFiller } from '../../presence/presence.filler';
import { Also } from '../route/also.decorator';
import { bodyErrors, Route } from '../route/route.decorator';
import { done, DoneView } from '../route/done.view';
import { flag, listOf, PageQuery, SearchText, toPage } from '../route/page.query';
import { wholePage } from '../route/whole.page';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

const ConversationQuery = PageQuery.extend({
  type: ConversationType.optional(),
  archived: flag.optional().meta({ description: 'Only archived ones, or only others. Absent: all.' }),
  unread_only: flag.optional().meta({ description: 'Only those with something unread.' }),
  q: SearchText.optional().meta({ description: "Part of the title, or of a participant's name." }),
});
type ConversationQuery = z.infer<typeof ConversationQuery>;

const PublicQuery = PageQuery.extend({ q: SearchText.optional().meta({ description: 'Part of the title.' }) });
type PublicQuery = z.infer<typeof PublicQuery>;

const ConversationList = listOf('conversations', ViewedConversation).meta({ id: 'ConversationList' });
type ConversationList = z.infer<typeof ConversationList>;
const PublicList = listOf('conversations', PublicConversation).meta({ id: 'PublicConversationList' });
type PublicList = z.infer<typeof PublicList>;

@RestController('api/conversations', 'Conversations')
export class ConversationController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly presence: PresenceFiller,
  ) {}

  @Post()
  @RateLimited('conversation_create')
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
    return this.presence.conversation({ userId }, conversation, requestId);
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
    @Query({ schema: ConversationQuery }) { unread_only: unreadOnly, ...query }: ConversationQuery,
    @RequestId() requestId: string,
  ): Promise<ConversationList> {
    const answer = await wholePage(query, 'conversations', (part) =>
      this.rpc.call(ListConversations, { userId, ...part, unreadOnly }, { requestId }),
    );
    const conversations = await this.presence.conversations({ userId }, answer.conversations, requestId);
    return { conversations, ...toPage(query, answer) };
  }

  @Get('public')
  @Route({
    summary: 'List public channels',
    description: 'Those that anybody may join, whether the caller is in them or not, newest first.',
    answers: { 200: PublicList },
    errors: ListPublicConversations.errors,
  })
  async listPublic(
    @CurrentUser() { userId }: UserSession,
    @Query({ schema: PublicQuery }) query: PublicQuery,
    @RequestId() requestId: string,
  ): Promise<PublicList> {
    const answer = await wholePage(query, 'conversations', (part) =>
      this.rpc.call(ListPublicConversations, { userId, ...part }, { requestId }),
    );
    return { conversations: answer.conversations, ...toPage(query, answer) };
  }

  @Get(':id')
  @Route({
    summary: 'Read a conversation',
    answers: { 200: ViewedConversation },
    errors: GetConversation.errors,
  })
  async get(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<ViewedConversation> {
    const request = { userId, conversationId: toConversationId(id) };
    const { conversation } = await this.rpc.call(GetConversation, request, { requestId });
    return this.presence.conversation({ userId }, conversation, requestId);
  }

  @Put(':id')
  @Also('PATCH')
  @Route({
    summary: 'Change a conversation',
    description:
      'Settings are changed by admins and moderators, `is_archived` by any participant for itself alone. What is absent ' +
      'stays.',
    answers: { 200: ViewedConversation },
    errors: [...bodyErrors, ...UpdateConversation.errors],
  })
  async update(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @Body({ schema: UpdateConversationBody }) changes: UpdateConversationBody,
    @RequestId() requestId: string,
  ): Promise<ViewedConversation> {
    const request = { userId, conversationId: toConversationId(id), changes };
    const { conversation } = await this.rpc.call(UpdateConversation, request, { requestId });
    return this.presence.conversation({ userId }, conversation, requestId);
  }

  @Delete(':id')
  @Route({
    summary: 'Delete a conversation',
    description: 'By admins, for all. A direct one is hidden from the caller alone, until the next message.',
    answers: { 200: DoneView },
    errors: DeleteConversation.errors,
  })
  async delete(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<DoneView> {
    await this.rpc.call(DeleteConversation, { userId, conversationId: toConversationId(id) }, { requestId });
    return done;
  }

  @Post(':id/join')
  @Route({
    summary: 'Join a public channel',
    description: 'Who is in it already gets it, too.',
    answers: { 200: ViewedConversation },
    errors: JoinConversation.errors,
  })
  async join(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<ViewedConversation> {
    const request = { userId, conversationId: toConversationId(id) };
    const { conversation } = await this.rpc.call(JoinConversation, request, { requestId });
    return this.presence.conversation({ userId }, conversation, requestId);
  }
}
