import type { Slice, SliceOf } from './slice';

const redacted = '[redacted]';

/** The values of one slice as they may be logged: secrets and the credentials of URLs replaced. */
export function describeConfig<S extends Slice<string, never>>(slice: S, values: SliceOf<S>): Record<string, unknown> {
  const known = values as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(slice.variables).map(([field, { secret }]) => {
      const value = known[field];
      if (value === undefined) return [field, undefined];
      return [field, secret ? redacted : withoutCredentials(value)];
    }),
  );
}

/** `scheme://user:password@host` and `?password=` both carry credentials. */
function withoutCredentials(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/?#\s]*@/gi, `$1${redacted}@`)
    .replace(/([?&](?:password|token|secret)=)[^&#\s]*/gi, `$1${redacted}`);
}
