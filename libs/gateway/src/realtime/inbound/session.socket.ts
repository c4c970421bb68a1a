import { ConnectedSocket, SubscribeMessage } from '@nestjs/websockets';
import { AuthenticateFrame, type ServerFrame } from '@parley/contracts';
import type { ChatSocket as ClientSocket } from '../session/chat.socket';
import { SessionRenewal } from '../session/session.renewal';
import { IsAwaited } from './answer.decorator';
import { ChatSocket } from './chat-socket.decorator';
import { Frame } from './frame.decorator';

/** What clients say about their connection. */
@ChatSocket()
export class SessionSocket {
  constructor(private readonly renewal: SessionRenewal) {}

  /** Answers with the server's time: as ack, or as `pong` where none was asked for. */
  @SubscribeMessage('ping')
  ping(@ConnectedSocket() socket: ClientSocket, @IsAwaited() isAwaited: boolean): ServerFrame<'pong'> {
    const pong = { server_time: new Date().toISOString() };
    if (!isAwaited) socket.emit('pong', pong);
    return pong;
  }

  @SubscribeMessage('authenticate')
  authenticate(
    @ConnectedSocket() socket: ClientSocket,
    @Frame(AuthenticateFrame) { token }: AuthenticateFrame,
  ): Promise<{ expires_at: string }> {
    return this.renewal.renew(socket, token);
  }
}
