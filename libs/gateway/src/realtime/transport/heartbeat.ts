export interface HeartbeatTimes {
  /** Rest between an answer and the next question, in milliseconds. */
  readonly pingIntervalMs: number;
  /** How long the answer may take, in milliseconds. */
  readonly pingTimeoutMs: number;
}

export interface HeartbeatPeer {
  ping(): void;
  /** While nothing is read from a peer it cannot answer. */
  isPaused(): boolean;
  lost(): void;
}

/** Asks a peer now and then whether it is there. Whatever it says counts as an answer. */
export class Heartbeat {
  private timer: NodeJS.Timeout;
  private isHeard = false;

  constructor(
    private readonly times: HeartbeatTimes,
    private readonly peer: HeartbeatPeer,
  ) {
    this.timer = this.rest();
  }

  /** The peer said something. */
  beat(): void {
    this.isHeard = true;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private rest(): NodeJS.Timeout {
    return setTimeout(() => {
      this.isHeard = false;
      this.timer = this.expect();
      this.peer.ping();
    }, this.times.pingIntervalMs).unref();
  }

  private expect(): NodeJS.Timeout {
    return setTimeout(() => {
      if (this.isHeard || this.peer.isPaused()) this.timer = this.rest();
      else this.peer.lost();
    }, this.times.pingTimeoutMs).unref();
  }
}
