/**
 * Tells whether something that the process depends on works: not that a connection stands, but that what is to pass over it
 * passes.
 */
export interface HealthIndicator {
  /** `postgres`, `nats`, `redis`, ... */
  readonly name: string;
  /** Can messages not be sent without it? What is not needed only degrades. */
  readonly needed: boolean;
  /**
   * Taken for down when it throws or takes longer than 500 ms. Asked once a second at most, and not again before it has
   * answered: it may not wait for ever.
   */
  isUp(): boolean | Promise<boolean>;
}
