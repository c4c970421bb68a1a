import { RpcClient } from '@parley/bus';
import { AddReaction, type MessageAck, ReactionFrame, RemoveReaction } from '@parley/contracts';
import { toMessageId } from '../../client.ids';
import { RateLimited } from '../../limits/rate-limited.decorator';
import { ChatSocket } from './chat-socket.decorator';
import { type FrameContext, OnFrame } from './frame.handler';
import { SendQueues } from './send.queues';

/** What clients do with reactions over sockets. */
@ChatSocket()
export class ReactionSocket {
  constructor(
    private readonly rpc: RpcClient,
    private readonly queues: SendQueues,
  ) {}

  @RateLimited('api')
  @OnFrame('add_reaction', ReactionFrame)
  add({ message_id: id, emoji }: ReactionFrame, { socket, session, requestId }: FrameContext): Promise<MessageAck> {
    const request = { userId: session.userId, messageId: toMessageId(id), emoji };
    return this.queues.onMessage(socket, id, () => this.rpc.call(AddReaction, request, { requestId }));
  }

  @RateLimited('api')
  @OnFrame('remove_reaction', ReactionFrame)
  remove({ message_id: id, emoji }: ReactionFrame, { socket, session, requestId }: FrameContext): Promise<MessageAck> {
    const request = { userId: session.userId, messageId: toMessageId(id), emoji };
    return this.queues.onMessage(socket, id, () => this.rpc.call(RemoveReaction, request, { requestId }));
  }
}
