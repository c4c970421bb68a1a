/**
 * What the present turn of the event loop gathers, by where it goes. A list: there are few, and a map from which all is taken
 * again each turn keeps what it held alive, as `SlotMap` says.
 */
export class Gathering<T> {
  private readonly destinations: string[] = [];
  private readonly values: T[] = [];

  get(destination: string): T | undefined {
    return this.values[this.destinations.indexOf(destination)];
  }

  set(destination: string, value: T): void {
    const at = this.destinations.indexOf(destination);
    if (at >= 0) this.values[at] = value;
    else {
      this.destinations.push(destination);
      this.values.push(value);
    }
  }

  /** Unless another value has taken its place. */
  delete(destination: string, value: T): void {
    const at = this.destinations.indexOf(destination);
    if (at < 0 || this.values[at] !== value) return;
    this.destinations.splice(at, 1);
    this.values.splice(at, 1);
  }
}
