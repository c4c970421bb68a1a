/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** At least 0, below 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number of `min` to `max`. */
  between(min, max) {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick(values) {
    return values[Math.floor(this.next() * values.length)];
  }

  shuffled(values) {
    const left = [...values];
    return Array.from(values, () => left.splice(Math.floor(this.next() * left.length), 1)[0]);
  }

  /** A generator of its own, so that what one part draws does not change what another one gets. */
  fork() {
    return new Random(Math.floor(this.next() * 4_294_967_296));
  }
}
