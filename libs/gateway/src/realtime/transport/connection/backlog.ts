import type { Socket as TcpSocket } from 'node:net';
import { joinFrames } from './joined.frames';
import { atTurnEnd, type TurnListener } from './turn.end';

/** How much may wait for a client that does not read, in bytes. */
export interface BacklogMarks {
  /** With more a client is late: it is spared what may be lost. */
  readonly lateBufferedBytes: number;
  /** With more its connection is closed. */
  readonly maxBufferedBytes: number;
}

export interface BacklogPeer {
  /** May frames still be written? */
  isWritable(): boolean;
  /** The client is behind with reading from here on, or no more. */
  late(isLate: boolean): void;
  /** More waits than is kept: nothing further is to be written. Called once, never from within a write. */
  overflow(): void;
}

/**
 * What was written to a client and did not leave this process.
 *
 * The frames of one turn of the event loop leave in one system call: with many sockets the calls are what costs, not the
 * bytes. Whether the client is late is judged once in a turn, too.
 */
export class Backlog implements TurnListener {
  /** Of this turn, in their order. */
  private gathered: Buffer | Buffer[] | undefined;
  private gatheredBytes = 0;
  /** What the system had not taken when that was last looked at: mostly nothing. */
  private unreadBytes = 0;
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

  write(frame: Buffer): void {
    if (this.isOver) return;
    this.gather(frame);
    // One turn may write more than the bound to a client that reads: what the system takes is not in the way.
    if (this.gatheredBytes + this.unreadBytes > this.marks.maxBufferedBytes) {
      this.flush();
      this.judge();
    }
  }

  /** Hands what this turn has written so far to the TCP socket: what others write there comes after it. */
  flush(): void {
    const { gathered } = this;
    if (gathered === undefined) return;
    this.gathered = undefined;
    this.gatheredBytes = 0;
    if (this.peer.isWritable()) this.tcp.write(Array.isArray(gathered) ? joinFrames(gathered) : gathered);
  }

  turnEnded(): void {
    this.flush();
    this.unreadBytes = this.tcp.writableLength;
    // Mostly everything has left.
    if (this.late || this.unreadBytes > 0) this.judge();
  }

  private gather(frame: Buffer): void {
    const { gathered } = this;
    this.gatheredBytes += frame.length;
    if (gathered === undefined) {
      this.gathered = frame;
      atTurnEnd(this);
    } else if (Array.isArray(gathered)) gathered.push(frame);
    else this.gathered = [gathered, frame];
  }

  private judge(): void {
    if (this.isOver) return;
    const unread = this.tcp.writableLength;
    this.unreadBytes = unread;
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
