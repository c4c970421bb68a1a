import { Injectable } from '@nestjs/common';
import type { ChatSocket } from '../session/chat.socket';
import { SendQueue } from './send.queue';

/**
 * The queue of each socket, for all classes that answer frames: what changes one thing is done in the order in which the
 * socket says it.
 *
 * A lane is a conversation, for the frames that name one, or else a message. Whoever edits, deletes or reacts to a message
 * has its id from an answer or an event, so that these need not wait for the sends of the conversation.
 */
@Injectable()
export class SendQueues {
  private readonly queues = new WeakMap<ChatSocket, SendQueue>();

  /** @throws AppError what {@link SendQueue.run} does. */
  inConversation<T>(socket: ChatSocket, conversationId: string, task: () => Promise<T>): Promise<T> {
    return this.of(socket).run(conversationId, task);
  }

  /** @throws AppError what {@link SendQueue.run} does. */
  onMessage<T>(socket: ChatSocket, messageId: string, task: () => Promise<T>): Promise<T> {
    return this.of(socket).run(`message ${messageId}`, task);
  }

  private of(socket: ChatSocket): SendQueue {
    let queue = this.queues.get(socket);
    if (!queue) this.queues.set(socket, (queue = new SendQueue()));
    return queue;
  }
}
