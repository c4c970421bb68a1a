/**
 * Holds messages back until the present turn of the event loop ends, so that all of one turn leave in one system call: with
 * small messages the calls are what costs. Order is kept.
 */
export class OutgoingTurn {
  private waiting: (() => void)[] = [];

  /** @param write must not throw. */
  add(write: () => void): void {
    if (this.waiting.push(write) === 1) setImmediate(() => this.flush());
  }

  flush(): void {
    const writes = this.waiting;
    this.waiting = [];
    for (const write of writes) write();
  }
}
