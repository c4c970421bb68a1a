/** Nest's token of the options. */
export const inProcessOptions = Symbol('InProcessOptions');

export interface InProcessOptions {
  /** Sends all requests, answers and events through JSON, as a broker would: for tests, so that nothing works in one process only. */
  readonly roundTrip: boolean;
}

/** What arrives on the other side for `value`. */
export function transfer<T>(value: T, { roundTrip }: InProcessOptions): T {
  return roundTrip ? (JSON.parse(JSON.stringify(value)) as T) : value;
}
