/** How long a measurement stands, in milliseconds. */
const windowMs = 250;

/**
 * How busy this process is. Time in which it wanted a core and got none counts neither as busy nor as idle: where a machine
 * is full, another process on it gets no more; where a container has used up its share, both others shrink.
 */
export class ProcessLoad {
  private measuredAt = performance.now();
  private cpuMs = cpuMs();
  private idleMs = idleMs();
  private percent = 0;

  /** @returns of the time that it computed or had nothing to do, how much it computed, lately: a whole number, in percent. */
  current(): number {
    const now = performance.now();
    if (now - this.measuredAt >= windowMs) this.measure(now);
    return this.percent;
  }

  private measure(now: number): void {
    const cpu = cpuMs();
    const idle = idleMs();
    const busy = cpu - this.cpuMs;
    this.percent = Math.round((100 * busy) / Math.max(busy + idle - this.idleMs, Number.EPSILON));
    this.measuredAt = now;
    this.cpuMs = cpu;
    this.idleMs = idle;
  }
}

/** How long this process has computed, in all of its threads. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** How long the event loop has had nothing to do since the process started. */
function idleMs(): number {
  return performance.eventLoopUtilization().idle;
}
