import { RpcHandler } from '@parley/bus';
import {
  CreateConversation,
  DescribeConversation,
  GetConversation,
  ListConversations,
  ReadHeads,
  type RequestOf,
  type ResponseOf,
} from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { ConversationReader } from './conversation.reader';
import { ConversationService } from './conversation.service';

@Controller()
export class ConversationController {
  constructor(
    private readonly conversations: ConversationService,
    private readonly reader: ConversationReader,
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

  @RpcHandler(DescribeConversation)
  async describe(request: RequestOf<typeof DescribeConversation>): Promise<ResponseOf<typeof DescribeConversation>> {
    return { conversation: await this.reader.describe(request.conversationId) };
  }

  @RpcHandler(ReadHeads)
  async readHeads(request: RequestOf<typeof ReadHeads>): Promise<ResponseOf<typeof ReadHeads>> {
    return { heads: await this.reader.readHeads(request.conversationIds) };
  }
}
