/** What one answer may carry: the bus takes 1 MiB a message, and the rest of the answer needs room too. */
export const maxAnswerBytes = 700 * 1024;

/** Counts an answer's JSON while it is put together, so that it ends early where it would grow too large. */
export class AnswerBudget {
  private isEmpty = true;

  constructor(private leftBytes = maxAnswerBytes) {}

  /** True if `item` still fits; the first one always does, so that every answer leads further. */
  take(item: unknown): boolean {
    const fits = this.takeBeside(item);
    if (fits) this.isEmpty = false;
    return fits;
  }

  /** As `take`, for what accompanies items: the first of those fits still, however much this was. */
  takeBeside(companion: unknown): boolean {
    const bytes = Buffer.byteLength(JSON.stringify(companion)) + 1;
    if (bytes > this.leftBytes && !this.isEmpty) return false;
    this.leftBytes -= bytes;
    return true;
  }

  /** The items from the first on that fit. */
  takeFirst<T>(items: readonly T[]): T[] {
    const end = items.findIndex((item) => !this.take(item));
    return end < 0 ? [...items] : items.slice(0, end);
  }

  /** The items before the end that fit, in their order. */
  takeLast<T>(items: readonly T[]): T[] {
    return this.takeFirst(items.toReversed()).reverse();
  }
}
