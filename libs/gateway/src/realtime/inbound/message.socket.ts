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
import { toMessageId } from '../../client.ids';
import { RateLimited } from '../../limits/rate-limited.decorator';
import { MessageSender } from '../../message/message.sender';
import { ChatSocket } from './chat-socket.decorator';
import { type FrameContext, OnFrame } from './frame.handler';
import { SendQueues } from './send.queues';

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
  @OnFrame('send_message', SendMessageFrame)
  async send(frame: SendMessageFrame, { socket, session, requestId }: FrameContext): Promise<SentMessage> {
    const { conversation_id: conversationId } = frame;
    const send = () => this.sender.send(session, conversationId, frame, requestId);
    return { message: await this.queues.inConversation(socket, conversationId, send) };
  }

  @RateLimited('api')
  @OnFrame('edit_message', EditMessageFrame)
  edit(
    { message_id: id, content, metadata = null }: EditMessageFrame,
    { socket, session, requestId }: FrameContext,
  ): Promise<MessageAck> {
    const request = { userId: session.userId, messageId: toMessageId(id), content, metadata };
    return this.queues.onMessage(socket, id, () => this.rpc.call(EditMessage, request, { requestId }));
  }

  @RateLimited('api')
  @OnFrame('delete_message', DeleteMessageFrame)
  delete({ message_id: id }: DeleteMessageFrame, { socket, session, requestId }: FrameContext): Promise<MessageAck> {
    const request = { userId: session.userId, messageId: toMessageId(id) };
    return this.queues.onMessage(socket, id, () => this.rpc.call(DeleteMessage, request, { requestId }));
  }
}
