import { AuthenticateFrame, type ServerFrame } from '@parley/contracts';
import { z } from 'zod';
import { SessionRenewal } from '../session/session.renewal';
import { ChatSocket } from './chat-socket.decorator';
import { type FrameContext, OnFrame } from './frame.handler';

/** What clients say about their connection. */
@ChatSocket()
export class SessionSocket {
  constructor(private readonly renewal: SessionRenewal) {}

  /** Answers with the server's time: as ack, or as `pong` where none was asked for. */
  @OnFrame('ping', z.unknown())
  ping(_: unknown, { socket, isAwaited }: FrameContext): ServerFrame<'pong'> {
    const pong = { server_time: new Date().toISOString() };
    if (!isAwaited) socket.emit('pong', pong);
    return pong;
  }

  @OnFrame('authenticate', AuthenticateFrame)
  authenticate({ token }: AuthenticateFrame, { socket }: FrameContext): Promise<{ expires_at: string }> {
    return this.renewal.renew(socket, token);
  }
}
