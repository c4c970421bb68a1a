/** How long a measurement stands, in milliseconds. */
const windowMs = 250;

/**
 * How busy this process is. Time in which it wanted a core and got none counts neither as busy nor as idle: where a machine
 * is full, another process on it gets no more; where a container has used up its share, both others shrink.
 */
export class ProcessLoad {
  private measuredAt = performance.now();
  private cpu = process.cpuUsage();
  private idleMs = idleMs();
  private percent = 0;

  /** @returns of the time that it computed or had nothing to do, how much it computed, lately: a whole number, in percent. */
  current(): number {
    const now = performance.now();
    if (now - this.measuredAt >= windowMs) this.measure(now);
    return this.percent;
  }

  private measure(now: number): void {
    const { user, system } = process.cpuUsage(this.cpu);
    const busy = (user + system) / 1_000;
    const idle = idleMs() - this.idleMs;
    this.percent = Math.round((100 * busy) / Math.max(busy + idle, Number.EPSILON));
    this.measuredAt = now;
    this.cpu = process.cpuUsage();
    this.idleMs += idle;
  }
}

/** How long the event loop has had nothing to do since the process started. */
function idleMs(): number {
  return performance.eventLoopUtilization().idle;
}
