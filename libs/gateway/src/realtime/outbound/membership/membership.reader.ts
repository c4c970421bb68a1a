import { RpcClient } from '@parley/bus';
import {
  type ConversationId,
  type ConversationView,
  DescribeConversation,
  ListMemberships,
  type UserId,
} from '@parley/contracts';
import { Injectable } from '@nestjs/common';

/** Which conversations a user is in, and what they are: asked of the service that owns them. */
@Injectable()
export class MembershipReader {
  private readonly describing = new Map<ConversationId, Promise<ConversationView>>();

  constructor(private readonly rpc: RpcClient) {}

  /** All of them. @throws AppError `service_unavailable` */
  async list(userId: UserId): Promise<ConversationId[]> {
    const ids: ConversationId[] = [];
    for (let hasMore = true; hasMore;) {
      const after = ids.at(-1);
      const page = await this.rpc.call(ListMemberships, { userId, ...(after ? { after } : {}) });
      ids.push(...page.conversationIds);
      hasMore = page.hasMore;
    }
    return ids;
  }

  /** A conversation as all see it; asked once, however many of its users are here. @throws AppError `conversation_not_found` */
  describe(conversationId: ConversationId): Promise<ConversationView> {
    let answer = this.describing.get(conversationId);
    if (!answer) {
      answer = this.rpc.call(DescribeConversation, { conversationId }).then(({ conversation }) => conversation);
      this.describing.set(conversationId, answer);
      const forget = () => void this.describing.delete(conversationId);
      answer.then(forget, forget);
    }
    return answer;
  }
}
