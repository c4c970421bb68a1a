import type { OnGatewayConnection, OnGatewayDisconnect } from '@nestjs/websockets';
import { type PresenceView, SetStatusFrame, SubscribePresenceFrame } from '@parley/contracts';
import { RateLimited } from '../../limits/rate-limited.decorator';
import { StatusService } from '../../presence/status.service';
import { TypingService } from '../../presence/typing.service';
import { PresenceAudience } from '../outbound/presence/presence.audience';
import { PresenceWatches } from '../outbound/presence/presence.watches';
import type { ChatSocket as ClientSocket } from '../session/chat.socket';
import { PresenceReporter } from '../session/presence.reporter';
import { ChatSocket } from './chat-socket.decorator';
import { type FrameContext, OnFrame } from './frame.handler';
import { RunningBound } from './running.bound';

/** Questions for presence that one socket may have running. */
const maxAsking = 4;

/** Who is there, as sockets tell by being there, and as clients say. */
@ChatSocket()
export class PresenceSocket implements OnGatewayConnection<ClientSocket>, OnGatewayDisconnect<ClientSocket> {
  private readonly asking = new RunningBound(maxAsking);

  constructor(
    private readonly reporter: PresenceReporter,
    private readonly statuses: StatusService,
    private readonly watches: PresenceWatches,
    private readonly audience: PresenceAudience,
    private readonly typing: TypingService,
  ) {}

  handleConnection(socket: ClientSocket): void {
    const { userId } = socket.data.session;
    this.reporter.came(userId);
    this.audience.came(userId);
  }

  handleDisconnect(socket: ClientSocket): void {
    this.watches.forget(socket);
    const { userId } = socket.data.session;
    this.reporter.went(userId);
    if (this.reporter.hasUser(userId)) return;
    this.audience.went(userId);
    this.typing.stopAll({ userId });
  }

  @RateLimited('api')
  @OnFrame('set_status', SetStatusFrame)
  async setStatus(frame: SetStatusFrame, { session, requestId }: FrameContext): Promise<PresenceView> {
    // The socket that says it counts: its status holds as long as it lives.
    await this.reporter.said();
    return this.statuses.set(session, frame, requestId);
  }

  @OnFrame('subscribe_presence', SubscribePresenceFrame)
  async subscribe(
    { user_ids: userIds }: SubscribePresenceFrame,
    { socket, requestId }: FrameContext,
  ): Promise<{ statuses: PresenceView[] }> {
    const statuses = await this.asking.run(socket, () => this.watches.watch(socket, userIds, requestId));
    return { statuses };
  }
}
