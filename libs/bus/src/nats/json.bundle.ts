/**
 * JSON values on their way in one message, `[a,b,…]`: a message for each would cost the broker and both sides more than
 * what is in it.
 */
export class JsonBundle {
  private readonly parts: string[] = [];
  private length = 0;

  constructor(
    private readonly maxParts: number,
    /** In characters; the first part always fits. */
    private readonly maxLength: number,
  ) {}

  /** @returns false, with nothing done, when the bundle is full. */
  add(json: string): boolean {
    const isFull = this.parts.length >= this.maxParts || this.length + json.length > this.maxLength;
    if (isFull && this.parts.length > 0) return false;
    this.parts.push(json);
    this.length += json.length;
    return true;
  }

  toString(): string {
    return `[${this.parts.join(',')}]`;
  }
}
