import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { type MessageView, SendMessageFrame } from '@parley/contracts';
import type { UserSession } from '../../auth/user.session';
import { MessageSender } from '../../message/message.sender';
import type { ChatSocket as ClientSocket } from '../session/chat.socket';
import { RequestId } from './answer.decorator';
import { ChatSocket } from './chat-socket.decorator';
import { SendQueue } from './send.queue';
import { Session } from './session.decorator';

/** What clients do with messages over sockets. */
@ChatSocket()
export class MessageSocket {
  private readonly queues = new WeakMap<ClientSocket, SendQueue>();

  constructor(private readonly sender: MessageSender) {}

  /** Everything that takes time belongs into the queue's task: what is awaited before could let a later send overtake. */
  @SubscribeMessage('send_message')
  async send(
    @ConnectedSocket() socket: ClientSocket,
    @Session() session: UserSession,
    @RequestId() requestId: string,
    @MessageBody({ schema: SendMessageFrame }) frame: SendMessageFrame,
  ): Promise<{ message: MessageView }> {
    const { conversation_id: conversationId, ...body } = frame;
    const send = () => this.sender.send(session, conversationId, body, requestId);
    return { message: await this.queueOf(socket).run(conversationId, send) };
  }

  private queueOf(socket: ClientSocket): SendQueue {
    let queue = this.queues.get(socket);
    if (!queue) this.queues.set(socket, (queue = new SendQueue()));
    return queue;
  }
}
