/** Texts that travel together in one message: a message for each would cost the broker and both sides more than what is in it. */
export class TextBundle {
  readonly parts: string[] = [];
  private length = 0;

  constructor(
    private readonly maxParts: number,
    /** In characters; the first part always fits. */
    private readonly maxLength: number,
  ) {}

  /** @returns false, with nothing done, when the bundle is full. */
  add(part: string): boolean {
    const isFull = this.parts.length >= this.maxParts || this.length + part.length > this.maxLength;
    if (isFull && this.parts.length > 0) return false;
    this.parts.push(part);
    this.length += part.length;
    return true;
  }
}
