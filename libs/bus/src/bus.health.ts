/** Tells whether calls and events can pass at this moment. */
export abstract class BusHealth {
  abstract isUp(): boolean;
}
