interface Waiting {
  readonly weight: number;
  readonly start: () => void;
}

/** Lets works run at a time as long as their weights fit; the others wait their turn, first come, first served. */
export class Slots {
  private free: number;
  private readonly queue: Waiting[] = [];

  constructor(private readonly capacity: number) {
    this.free = capacity;
  }

  /**
   * Runs `work` when there is room, and passes its result on.
   *
   * @param weight one that is above the capacity runs alone.
   */
  async use<T>(work: () => Promise<T>, weight = 1): Promise<T> {
    const taken = Math.min(weight, this.capacity);
    await new Promise<void>((start) => {
      this.queue.push({ weight: taken, start });
      this.admit();
    });
    try {
      return await work();
    } finally {
      this.free += taken;
      this.admit();
    }
  }

  private admit(): void {
    for (let next = this.queue[0]; next !== undefined && next.weight <= this.free; next = this.queue[0]) {
      this.queue.shift();
      this.free -= next.weight;
      next.start();
    }
  }
}
