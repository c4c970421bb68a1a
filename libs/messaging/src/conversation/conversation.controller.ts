import { RpcHandler } from '@parley/bus';
import {
  CreateConversation,
  DeleteConversation,
  DescribeConversation,
  GetConversation,
  ListConversations,
  ListPublicConversations,
  ReadHeads,
  type RequestOf,
  type ResponseOf,
  UpdateConversation,
} from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { ConversationReader } from './conversation.reader';
import { ConversationService } from './conversation.service';
import { ConversationSettingsService } from './conversation-settings.service';
import { PublicConversationReader } from './public-conversation.reader';

@Controller()
export class ConversationController {
  constructor(
    private readonly conversations: ConversationService,
    private readonly settings: ConversationSettingsService,
    private readonly reader: ConversationReader,
    private readonly publics: PublicConversationReader,
  ) {}

  @RpcHandler(CreateConversation)
  create(request: RequestOf<typeof CreateConversation>): Promise<ResponseOf<typeof CreateConversation>> {
    return this.conversations.create(request);
  }

  @RpcHandler(GetConversation)
  async get(request: RequestOf<typeof GetConversation>): Promise<ResponseOf<typeof GetConversation>> {
    return { conversation: await this.reader.getViewed(request.conversationId, request.userId) };
  }

  @RpcHandler(ListConversations)
  list(request: RequestOf<typeof ListConversations>): Promise<ResponseOf<typeof ListConversations>> {
    return this.reader.list(request);
  }

  @RpcHandler(UpdateConversation)
  update(request: RequestOf<typeof UpdateConversation>): Promise<ResponseOf<typeof UpdateConversation>> {
    return this.settings.update(request);
  }

  @RpcHandler(DeleteConversation)
  delete(request: RequestOf<typeof DeleteConversation>): Promise<ResponseOf<typeof DeleteConversation>> {
    return this.settings.delete(request);
  }

  @RpcHandler(ListPublicConversations)
  listPublic(request: RequestOf<typeof ListPublicConversations>): Promise<ResponseOf<typeof ListPublicConversations>> {
    return this.publics.list(request);
  }

  @RpcHandler(DescribeConversation)
  async describe(request: RequestOf<typeof DescribeConversation>): Promise<ResponseOf<typeof DescribeConversation>> {
    return { conversation: await this.reader.describe(request.conversationId) };
  }

  @RpcHandler(ReadHeads)
  async readHeads({ conversationIds, userId }: RequestOf<typeof ReadHeads>): Promise<ResponseOf<typeof ReadHeads>> {
    return { heads: await this.reader.readHeads(conversationIds, userId) };
  }
}
