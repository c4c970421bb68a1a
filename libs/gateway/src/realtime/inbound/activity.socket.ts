import { ConnectedSocket, type OnGatewayDisconnect, SubscribeMessage } from '@nestjs/websockets';
import { ConversationFrame, type JoinedView } from '@parley/contracts';
import type { UserSession } from '../../auth/user.session';
import { toConversationId } from '../../client.ids';
import { PresenceReader } from '../../presence/presence.reader';
import { TypingService } from '../../presence/typing.service';
import { conversationRoom } from '../rooms';
import type { ChatSocket as ClientSocket } from '../session/chat.socket';
import { ConversationViews } from '../session/conversation.views';
import { PresenceReporter } from '../session/presence.reporter';
import { RequestId } from './answer.decorator';
import { ChatSocket } from './chat-socket.decorator';
import { Frame } from './frame.decorator';
import { RunningBound } from './running.bound';
import { Session } from './session.decorator';

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

  @SubscribeMessage('typing_start')
  startTyping(
    @ConnectedSocket() socket: ClientSocket,
    @RequestId() requestId: string,
    @Frame(ConversationFrame) frame: ConversationFrame,
  ): Promise<void> {
    return this.setTyping(socket, frame, true, requestId);
  }

  @SubscribeMessage('typing_stop')
  stopTyping(
    @ConnectedSocket() socket: ClientSocket,
    @RequestId() requestId: string,
    @Frame(ConversationFrame) frame: ConversationFrame,
  ): Promise<void> {
    return this.setTyping(socket, frame, false, requestId);
  }

  @SubscribeMessage('join_conversation')
  join(
    @ConnectedSocket() socket: ClientSocket,
    @Session() { userId }: UserSession,
    @RequestId() requestId: string,
    @Frame(ConversationFrame) frame: ConversationFrame,
  ): Promise<JoinedView> {
    const id = toConversationId(frame.conversation_id);
    return this.joining.run(socket, async () => {
      // The one who asks is online, too.
      await this.reporter.said();
      const { users, head } = await this.reader.listOnlineParticipants({ viewerId: userId, requestId }, id);
      this.views.look(socket, id);
      return { conversation_id: id, last_seq: head.seq, rev: head.rev, online_users: users };
    });
  }

  @SubscribeMessage('leave_conversation')
  async leave(
    @ConnectedSocket() socket: ClientSocket,
    @Session() { userId }: UserSession,
    @RequestId() requestId: string,
    @Frame(ConversationFrame) frame: ConversationFrame,
  ): Promise<void> {
    const id = toConversationId(frame.conversation_id);
    if (this.views.lookAway(socket, id) || socket.rooms.has(conversationRoom(id))) return;
    await this.joining.run(socket, () => this.reader.demandParticipant({ viewerId: userId, requestId }, id));
  }

  private setTyping(
    socket: ClientSocket,
    frame: ConversationFrame,
    isTyping: boolean,
    requestId: string,
  ): Promise<void> {
    const id = toConversationId(frame.conversation_id);
    const isHearing = socket.rooms.has(conversationRoom(id));
    return this.typing.set(socket.data.session, id, isTyping, { requestId, isHearing });
  }
}
