import { SyncFrame, type SyncView } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { ChatSocket as ClientSocket } from '../session/chat.socket';
import { SessionRegistry } from '../session/session.registry';
import type { Missed } from '../session/sync.reader';
import { SyncTeller } from '../session/sync.teller';
import { ChatSocket } from './chat-socket.decorator';
import { type FrameContext, OnFrame } from './frame.handler';

/** Syncs that one socket may have running: each may read thousands of rows. */
const maxRunning = 4;

/** How clients learn what they have missed. */
@ChatSocket()
export class SyncSocket {
  private readonly running = new WeakMap<ClientSocket, number>();

  constructor(
    private readonly teller: SyncTeller,
    private readonly sessions: SessionRegistry,
  ) {}

  /** Answers what was missed: as ack, or as `synced` where none was asked for. */
  @OnFrame('sync', SyncFrame)
  async sync({ heads }: SyncFrame, { socket, requestId, isAwaited }: FrameContext): Promise<SyncView> {
    const local = this.sessions.find(socket);
    // It is gone: nobody hears the answer.
    if (!local) throw new AppError('service_unavailable');
    const show = ({ sync }: Missed): SyncView => {
      if (!isAwaited) socket.emit('synced', sync);
      return sync;
    };
    return this.bounded(socket, () => this.teller.tell(local, { heads, requestId }, show));
  }

  /** @throws AppError `rate_limited` */
  private async bounded<T>(socket: ClientSocket, work: () => Promise<T>): Promise<T> {
    const running = this.running.get(socket) ?? 0;
    if (running >= maxRunning) throw new AppError('rate_limited');
    this.running.set(socket, running + 1);
    try {
      return await work();
    } finally {
      this.running.set(socket, (this.running.get(socket) ?? 1) - 1);
    }
  }
}
