/** With so many values a real set is made. */
const maxListed = 64;

/**
 * What a set does as far as rooms need it, for few values: one takes the space of the object alone, some take eight bytes
 * each, where a `Set` takes 150 bytes and more from the first one on.
 *
 * It may be changed while it is iterated, as a `Set` may: what is deleted meanwhile may still be met.
 */
export class SmallSet implements Iterable<string> {
  private values: string | readonly string[] | Set<string>;

  /** @param values without repeats. */
  constructor(values: string | readonly string[]) {
    this.values = typeof values === 'string' || values.length <= maxListed ? values : new Set(values);
  }

  get size(): number {
    const { values } = this;
    if (typeof values === 'string') return 1;
    return values instanceof Set ? values.size : values.length;
  }

  has(value: string): boolean {
    const { values } = this;
    if (typeof values === 'string') return values === value;
    return values instanceof Set ? values.has(value) : values.includes(value);
  }

  add(value: string): this {
    const { values } = this;
    if (values instanceof Set) values.add(value);
    else if (!this.has(value)) this.values = listed(typeof values === 'string' ? [values, value] : [...values, value]);
    return this;
  }

  delete(value: string): boolean {
    const { values } = this;
    if (values instanceof Set) return values.delete(value);
    if (!this.has(value)) return false;
    this.values = typeof values === 'string' ? [] : values.filter((each) => each !== value);
    return true;
  }

  forEach(visit: (value: string) => void): void {
    for (const value of this) visit(value);
  }

  [Symbol.iterator](): Iterator<string> {
    const { values } = this;
    return (typeof values === 'string' ? [values] : values)[Symbol.iterator]();
  }
}

function listed(values: readonly string[]): readonly string[] | Set<string> {
  return values.length <= maxListed ? values : new Set(values);
}
