import type { Socket as TcpSocket } from 'node:net';
import { type CorkedWriter, corkUntilTurnEnds } from './cork';

/** How much may wait for a client that does not read, in bytes. */
export interface BacklogMarks {
  /** With more a client is late: it is spared what may be lost. */
  readonly lateBufferedBytes: number;
  /** With more its connection is closed. */
  readonly maxBufferedBytes: number;
}

export interface BacklogPeer {
  /** The client is behind with reading from here on, or no more. */
  late(isLate: boolean): void;
  /** More waits than is kept: nothing further is to be written. Called once, never from within a write. */
  overflow(): void;
}

/**
 * What was written to a client and did not leave this process. The bytes are counted by those who hold them already; what
 * is looked at for each write is one number, and whether the client is late is judged once in a turn of the event loop.
 */
export class Backlog implements CorkedWriter {
  private late = false;
  private isOver = false;
  private awaitsDrain = false;

  constructor(
    readonly tcp: TcpSocket,
    private readonly marks: BacklogMarks,
    private readonly peer: BacklogPeer,
  ) {}

  /** Is the client behind with reading? */
  get isLate(): boolean {
    return this.late;
  }

  /** Writes straight to the TCP socket. */
  write(frame: Buffer): void {
    if (this.isOver) return;
    corkUntilTurnEnds(this);
    this.tcp.write(frame);
    if (this.tcp.writableLength > this.marks.maxBufferedBytes) this.pushOut();
  }

  turnEnded(): void {
    // Mostly everything has left.
    if (this.late || this.tcp.writableLength > 0) this.judge();
  }

  /** One turn may write more than the bound to a client that reads: what the system takes is not in the way. */
  private pushOut(): void {
    if (this.tcp.writableCorked > 0) this.tcp.uncork();
    this.judge();
  }

  private judge(): void {
    if (this.isOver) return;
    const unread = this.tcp.writableLength;
    if (unread > this.marks.maxBufferedBytes) {
      this.isOver = true;
      // Not now: whoever emits would see the socket leave its rooms in the middle of a broadcast.
      process.nextTick(() => this.peer.overflow());
    }
    this.setLate(unread > this.marks.lateBufferedBytes);
  }

  private setLate(isLate: boolean): void {
    if (isLate === this.late) return;
    this.late = isLate;
    if (isLate) this.watchDrain();
    this.peer.late(isLate);
  }

  /** Without another write nobody else would notice that the client has caught up. */
  private watchDrain(): void {
    if (this.awaitsDrain) return;
    this.awaitsDrain = true;
    this.tcp.once('drain', () => {
      this.awaitsDrain = false;
      this.turnEnded();
    });
  }
}
