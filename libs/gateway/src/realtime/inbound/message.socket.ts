import { ConnectedSocket, SubscribeMessage } from '@nestjs/websockets';
import { RpcClient } from '@parley/bus';
import {
  DeleteMessage,
  DeleteMessageFrame,
  EditMessage,
  EditMessageFrame,
  type MessageAck,
  type RawJson,
  type ScheduledMessageView,
  SendMessageFrame,
  type ViewedMessage,
} from '@parley/contracts';
import type { UserSession } from '../../auth/user.session';
import { toMessageId } from '../../client.ids';
import { RateLimited } from '../../limits/rate-limited.decorator';
import { MessageSender } from '../../message/message.sender';
import type { ChatSocket as ClientSocket } from '../session/chat.socket';
import { RequestId } from './answer.decorator';
import { ChatSocket } from './chat-socket.decorator';
import { Frame } from './frame.decorator';
import { SendQueues } from './send.queues';
import { Session } from './session.decorator';

/** The ack of `send_message`. */
interface SentMessage {
  readonly message: RawJson<ViewedMessage> | ScheduledMessageView;
}

/** What clients do with messages over sockets. */
@ChatSocket()
export class MessageSocket {
  constructor(
    private readonly rpc: RpcClient,
    private readonly sender: MessageSender,
    private readonly queues: SendQueues,
  ) {}

  /** Everything that takes time belongs into the queue's task: what is awaited before could let a later send overtake. */
  @RateLimited('message_send')
  @SubscribeMessage('send_message')
  async send(
    @ConnectedSocket() socket: ClientSocket,
    @Session() session: UserSession,
    @RequestId() requestId: string,
    @Frame(SendMessageFrame) frame: SendMessageFrame,
  ): Promise<SentMessage> {
    const { conversation_id: conversationId, ...body } = frame;
    const send = () => this.sender.send(session, conversationId, body, requestId);
    return { message: await this.queues.inConversation(socket, conversationId, send) };
  }

  @RateLimited('api')
  @SubscribeMessage('edit_message')
  edit(
    @ConnectedSocket() socket: ClientSocket,
    @Session() { userId }: UserSession,
    @RequestId() requestId: string,
    @Frame(EditMessageFrame) { message_id: id, content, metadata = null }: EditMessageFrame,
  ): Promise<MessageAck> {
    const request = { userId, messageId: toMessageId(id), content, metadata };
    return this.queues.onMessage(socket, id, () => this.rpc.call(EditMessage, request, { requestId }));
  }

  @RateLimited('api')
  @SubscribeMessage('delete_message')
  delete(
    @ConnectedSocket() socket: ClientSocket,
    @Session() { userId }: UserSession,
    @RequestId() requestId: string,
    @Frame(DeleteMessageFrame) { message_id: id }: DeleteMessageFrame,
  ): Promise<MessageAck> {
    const request = { userId, messageId: toMessageId(id) };
    return this.queues.onMessage(socket, id, () => this.rpc.call(DeleteMessage, request, { requestId }));
  }
}
