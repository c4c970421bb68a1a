import { type RawField, type RawJson, readJson, writeJson } from '@parley/contracts';

/** Nest's token of the options. */
export const inProcessOptions = Symbol('InProcessOptions');

export interface InProcessOptions {
  /** Sends all requests, answers and events through JSON, as a broker would: for tests, so that nothing works in one process only. */
  readonly roundTrip: boolean;
}

/** @returns what gives, for `value` as it is now, what arrives on the other side. */
export function transfer(value: unknown, { roundTrip }: InProcessOptions): (rawField?: RawField) => unknown {
  if (!roundTrip) return () => value;
  const text = writeJson(value);
  return (rawField) => {
    const copy = readJson(text, rawField);
    // Elsewhere nobody checks it on the way.
    if (rawField) rawField.schema.parse((copy as Record<string, RawJson<unknown>>)[rawField.name]?.value);
    return copy;
  };
}
