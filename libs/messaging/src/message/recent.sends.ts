/**
 * What was said of keys lately, in two generations: when the younger one is full it becomes the older one, and what that held
 * is forgotten. So a key is known while up to `size` others come, and there are never more than twice as many. An entry costs
 * what a Map takes; a list of who was used last would cost as much again.
 */
export class RecentKeys<T> {
  private younger = new Map<string, T>();
  private older = new Map<string, T>();

  constructor(private readonly size: number) {}

  get(key: string): T | undefined {
    return this.younger.get(key) ?? this.older.get(key);
  }

  set(key: string, value: T): void {
    if (this.younger.size >= this.size) {
      this.older = this.younger;
      this.younger = new Map();
    }
    this.younger.set(key, value);
  }

  delete(key: string): void {
    this.younger.delete(key);
    this.older.delete(key);
  }
}
