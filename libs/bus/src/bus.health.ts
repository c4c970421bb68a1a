/** Tells whether calls and events can pass at this moment. */
export abstract class BusHealth {
  /** Does the connection stand? Costs nothing. */
  abstract isUp(): boolean;

  /** Does a message that this process publishes reach this process' own subscription? Answers within 2 s; never rejects. */
  abstract carries(): Promise<boolean>;
}
