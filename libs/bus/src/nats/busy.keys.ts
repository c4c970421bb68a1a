/** How long a key counts as busy after the last time that it was, in milliseconds. */
const busyMs = 1_000;

interface Key {
  inFlight: number;
  /** By `performance.now()`. */
  busyUntil: number;
}

/** The affinities under which several calls of this process were in flight at once, just now. */
export class BusyKeys {
  private readonly keys = new Map<string, Key>();
  private sweepAt = 0;

  get size(): number {
    return this.keys.size;
  }

  /** A call begins. @returns whether its key is busy. */
  begin(name: string): boolean {
    const now = performance.now();
    if (now >= this.sweepAt) this.sweep(now);
    const key = this.keyOf(name);
    if (key.inFlight++ > 0) key.busyUntil = now + busyMs;
    return now < key.busyUntil;
  }

  /** A call is over. Its key goes with the next sweep. */
  end(name: string): void {
    const key = this.keys.get(name);
    if (key) key.inFlight--;
  }

  private keyOf(name: string): Key {
    let key = this.keys.get(name);
    if (!key) this.keys.set(name, (key = { inFlight: 0, busyUntil: 0 }));
    return key;
  }

  private sweep(now: number): void {
    this.sweepAt = now + busyMs;
    for (const [name, { inFlight, busyUntil }] of this.keys) {
      if (inFlight === 0 && now >= busyUntil) this.keys.delete(name);
    }
  }
}
