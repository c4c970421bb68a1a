import type { OnGatewayDisconnect } from '@nestjs/websockets';
import { ConversationFrame, type JoinedView } from '@parley/contracts';
import { toConversationId } from '../../client.ids';
import { PresenceReader } from '../../presence/presence.reader';
import { TypingService } from '../../presence/typing.service';
import { conversationRoom } from '../rooms';
import type { ChatSocket as ClientSocket } from '../session/chat.socket';
import { ConversationViews } from '../session/conversation.views';
import { PresenceReporter } from '../session/presence.reporter';
import { ChatSocket } from './chat-socket.decorator';
import { type FrameContext, OnFrame } from './frame.handler';
import { RunningBound } from './running.bound';

/** Conversations that one socket may be joining: each asks for its participants. */
const maxJoining = 8;

/** What clients say of what their users do right now: where they type, what they look at. */
@ChatSocket()
export class ActivitySocket implements OnGatewayDisconnect<ClientSocket> {
  private readonly joining = new RunningBound(maxJoining);

  constructor(
    private readonly typing: TypingService,
    private readonly reader: PresenceReader,
    private readonly views: ConversationViews,
    private readonly reporter: PresenceReporter,
  ) {}

  handleDisconnect(socket: ClientSocket): void {
    this.views.forget(socket);
  }

  @OnFrame('typing_start', ConversationFrame)
  startTyping(frame: ConversationFrame, context: FrameContext): Promise<void> {
    return this.setTyping(frame, true, context);
  }

  @OnFrame('typing_stop', ConversationFrame)
  stopTyping(frame: ConversationFrame, context: FrameContext): Promise<void> {
    return this.setTyping(frame, false, context);
  }

  @OnFrame('join_conversation', ConversationFrame)
  join(frame: ConversationFrame, { socket, session, requestId }: FrameContext): Promise<JoinedView> {
    const id = toConversationId(frame.conversation_id);
    return this.joining.run(socket, async () => {
      // The one who asks is online, too.
      await this.reporter.said();
      const { users, head } = await this.reader.listOnlineParticipants({ viewerId: session.userId, requestId }, id);
      this.views.look(socket, id);
      return { conversation_id: id, last_seq: head.seq, rev: head.rev, online_users: users };
    });
  }

  @OnFrame('leave_conversation', ConversationFrame)
  async leave(frame: ConversationFrame, { socket, session, requestId }: FrameContext): Promise<void> {
    const id = toConversationId(frame.conversation_id);
    if (this.views.lookAway(socket, id) || socket.rooms.has(conversationRoom(id))) return;
    await this.joining.run(socket, () => this.reader.demandParticipant({ viewerId: session.userId, requestId }, id));
  }

  private setTyping(
    frame: ConversationFrame,
    isTyping: boolean,
    { socket, session, requestId }: FrameContext,
  ): Promise<void> {
    const id = toConversationId(frame.conversation_id);
    const isHearing = socket.rooms.has(conversationRoom(id));
    return this.typing.set(session, id, isTyping, { requestId, isHearing });
  }
}
