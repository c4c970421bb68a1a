import { SyncFrame, type SyncView } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { ChatSocket as ClientSocket } from '../session/chat.socket';
import { SessionRegistry } from '../session/session.registry';
import { SyncReader } from '../session/sync.reader';
import { ChatSocket } from './chat-socket.decorator';
import { type FrameContext, OnFrame } from './frame.handler';

/** Syncs that one socket may have running: each may read thousands of rows. */
const maxRunning = 4;

/** How clients learn what they have missed. */
@ChatSocket()
export class SyncSocket {
  private readonly running = new WeakMap<ClientSocket, number>();

  constructor(
    private readonly missed: SyncReader,
    private readonly sessions: SessionRegistry,
  ) {}

  /** Answers what was missed: as ack, or as `synced` where none was asked for. */
  @OnFrame('sync', SyncFrame)
  async sync({ heads }: SyncFrame, { socket, session, requestId, isAwaited }: FrameContext): Promise<SyncView> {
    const read = () => this.missed.read(session.userId, heads, requestId);
    const { sync } = await this.bounded(socket, () => this.sessions.find(socket)?.tell(read, (told) => told) ?? read());
    if (!isAwaited) socket.emit('synced', sync);
    return sync;
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
