export interface HeartbeatTimes {
  /** Rest between an answer and the next question, in milliseconds. */
  readonly pingIntervalMs: number;
  /** How long the answer may take, in milliseconds. */
  readonly pingTimeoutMs: number;
}

export interface HeartbeatPeer {
  readonly pulse: Pulse;
  ping(): void;
  /** While nothing is read from a peer it cannot answer. */
  isPaused(): boolean;
  lost(): void;
}

/** What is known of one peer. */
export interface Pulse {
  /** When it is looked after next, in steps. */
  dueAt: number;
  isAsked: boolean;
  /** Since it was asked. */
  isHeard: boolean;
}

const maxStepMs = 1_000;
const stepsOfTime = 10;

/**
 * Asks peers now and then whether they are there; whatever one says counts as an answer. All of them are looked at in steps,
 * of a second at most: a timer for each would cost more.
 */
export class Heartbeat {
  private readonly timer: NodeJS.Timeout;
  private readonly restSteps: number;
  private readonly patienceSteps: number;
  private now = 0;

  constructor(
    { pingIntervalMs, pingTimeoutMs }: HeartbeatTimes,
    private readonly peers: Iterable<HeartbeatPeer>,
  ) {
    const stepMs = Math.max(1, Math.min(maxStepMs, Math.min(pingIntervalMs, pingTimeoutMs) / stepsOfTime));
    this.restSteps = Math.ceil(pingIntervalMs / stepMs);
    this.patienceSteps = Math.ceil(pingTimeoutMs / stepMs);
    this.timer = setInterval(() => this.step(), stepMs).unref();
  }

  /** The pulse of a peer that has just said something. */
  begin(): Pulse {
    return { dueAt: this.now + this.restSteps, isAsked: false, isHeard: false };
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private step(): void {
    this.now++;
    for (const peer of this.peers) this.look(peer, peer.pulse);
  }

  private look(peer: HeartbeatPeer, pulse: Pulse): void {
    const isDue = this.now >= pulse.dueAt;
    if (pulse.isAsked && (pulse.isHeard || (isDue && peer.isPaused()))) {
      pulse.isAsked = false;
      pulse.dueAt = this.now + this.restSteps;
    } else if (isDue && pulse.isAsked) {
      peer.lost();
    } else if (isDue) {
      pulse.isAsked = true;
      pulse.isHeard = false;
      pulse.dueAt = this.now + this.patienceSteps;
      peer.ping();
    }
  }
}
