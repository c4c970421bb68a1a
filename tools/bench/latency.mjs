/** Durations in milliseconds, kept whole: a run has some hundred thousand of them. */
export class Latency {
  #values = [];

  add(ms) {
    this.#values.push(ms);
  }

  /** @returns {{ p50: number, p99: number, max: number }} 0 where nothing was measured */
  summary() {
    const sorted = Float64Array.from(this.#values).sort();
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
  }
}
