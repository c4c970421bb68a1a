/** Keys of one slot are this far apart: as many slots there may be. */
const stride = 2 ** 20;

/**
 * What is under way, by keys of its own making: a key is given again after 2^33 others of its slot, when nobody knows it
 * any more.
 *
 * A `Map` or `Set` that is added to and deleted from all the time makes a new table every few deletions, and V8's old ones
 * point to the new and keep what they held. Once one of them has got into the old generation, all that has been under way
 * since stays alive until the next full collection: most of what each message is made of.
 */
export class SlotMap<T> {
  /** The key that a slot was last given, or is to be given next where it is free. */
  private readonly keys: number[] = [];
  private readonly slots: (T | undefined)[] = [];
  private readonly free: number[] = [];

  /** @param uses how often each slot counts as used already. */
  constructor(private readonly uses = 0) {}

  get size(): number {
    return this.slots.length - this.free.length;
  }

  /** @returns the value's key, from 0. */
  add(value: T): number {
    const slot = this.free.pop() ?? this.slots.length;
    const key = this.keys[slot] ?? slot + this.uses * stride;
    this.keys[slot] = key;
    this.slots[slot] = value;
    return key;
  }

  get(key: number): T | undefined {
    const slot = key % stride;
    return this.keys[slot] === key ? this.slots[slot] : undefined;
  }

  /** @returns false where it is not there any more. */
  delete(key: number): boolean {
    const slot = key % stride;
    if (this.keys[slot] !== key || this.slots[slot] === undefined) return false;
    const next = key + stride;
    // Beyond the safe integers a key would tell another slot.
    this.keys[slot] = Number.isSafeInteger(next) ? next : slot;
    this.slots[slot] = undefined;
    this.free.push(slot);
    return true;
  }

  /** Those that are there; what is added or deleted meanwhile may be met or not. */
  *values(): Iterable<T> {
    for (const value of this.slots) if (value !== undefined) yield value;
  }
}
