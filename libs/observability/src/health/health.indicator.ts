/** Tells whether something that the process depends on is there. */
export interface HealthIndicator {
  /** `postgres`, `nats`, `redis`, ... */
  readonly name: string;
  /** Can messages not be sent without it? What is not needed only degrades. */
  readonly needed: boolean;
  /** Taken for down when it throws or takes longer than 500 ms. */
  isUp(): boolean | Promise<boolean>;
}
