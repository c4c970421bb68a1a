import { ConnectedSocket, SubscribeMessage } from '@nestjs/websockets';
import { RpcClient } from '@parley/bus';
import { AddReaction, type MessageAck, ReactionFrame, RemoveReaction } from '@parley/contracts';
import type { UserSession } from '../../auth/user.session';
import { toMessageId } from '../../client.ids';
import { RateLimited } from '../../limits/rate-limited.decorator';
import type { ChatSocket as ClientSocket } from '../session/chat.socket';
import { RequestId } from './answer.decorator';
import { ChatSocket } from './chat-socket.decorator';
import { Frame } from './frame.decorator';
import { SendQueues } from './send.queues';
import { Session } from './session.decorator';

/** What clients do with reactions over sockets. */
@ChatSocket()
export class ReactionSocket {
  constructor(
    private readonly rpc: RpcClient,
    private readonly queues: SendQueues,
  ) {}

  @RateLimited('api')
  @SubscribeMessage('add_reaction')
  add(
    @ConnectedSocket() socket: ClientSocket,
    @Session() { userId }: UserSession,
    @RequestId() requestId: string,
    @Frame(ReactionFrame) { message_id: id, emoji }: ReactionFrame,
  ): Promise<MessageAck> {
    const request = { userId, messageId: toMessageId(id), emoji };
    return this.queues.onMessage(socket, id, () => this.rpc.call(AddReaction, request, { requestId }));
  }

  @RateLimited('api')
  @SubscribeMessage('remove_reaction')
  remove(
    @ConnectedSocket() socket: ClientSocket,
    @Session() { userId }: UserSession,
    @RequestId() requestId: string,
    @Frame(ReactionFrame) { message_id: id, emoji }: ReactionFrame,
  ): Promise<MessageAck> {
    const request = { userId, messageId: toMessageId(id), emoji };
    return this.queues.onMessage(socket, id, () => this.rpc.call(RemoveReaction, request, { requestId }));
  }
}
