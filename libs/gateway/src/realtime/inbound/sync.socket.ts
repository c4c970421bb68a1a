import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { RpcClient } from '@parley/bus';
import { Sync, SyncFrame, type SyncView } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { UserSession } from '../../auth/user.session';
import type { ChatSocket as ClientSocket } from '../session/chat.socket';
import { RequestId } from './answer.decorator';
import { ChatSocket } from './chat-socket.decorator';
import { Session } from './session.decorator';

/** Syncs that one socket may have running: each may read thousands of rows. */
const maxRunning = 4;

/** How clients learn what they have missed. */
@ChatSocket()
export class SyncSocket {
  private readonly running = new WeakMap<ClientSocket, number>();

  constructor(private readonly rpc: RpcClient) {}

  @SubscribeMessage('sync')
  async sync(
    @ConnectedSocket() socket: ClientSocket,
    @Session() { userId }: UserSession,
    @RequestId() requestId: string,
    @MessageBody({ schema: SyncFrame }) { heads }: SyncFrame,
  ): Promise<SyncView> {
    const running = this.running.get(socket) ?? 0;
    if (running >= maxRunning) throw new AppError('rate_limited');
    this.running.set(socket, running + 1);
    try {
      return (await this.rpc.call(Sync, { userId, heads }, { requestId })).sync;
    } finally {
      this.running.set(socket, (this.running.get(socket) ?? 1) - 1);
    }
  }
}
