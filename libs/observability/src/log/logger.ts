import { type DestinationStream, type Logger, pino } from 'pino';
import { serializeError } from './error.serializer';
import { redact, redactText } from './redaction';

export interface LoggerOptions {
  /** The least level that is written; `silent` for none. */
  readonly level: string;
  /** The process: `gateway`, `messaging`, ... */
  readonly name: string;
}

/**
 * The process' log: one JSON object a line on stdout, with `level` as a word and `time` in UTC.
 *
 * Fields whose names end in authorization, token, password, secret, content or cookie, and tokens within texts, are
 * written as `[redacted]`.
 *
 * @param destination where the lines go instead.
 */
export function createLogger({ level, name }: LoggerOptions, destination?: DestinationStream): Logger {
  const options = {
    level,
    name,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: serializeError, error: serializeError },
    formatters: {
      level: (label: string) => ({ level: label }),
      log: redact,
    },
    hooks: {
      logMethod(this: Logger, args: unknown[], method: (...args: unknown[]) => void) {
        method.apply(
          this,
          args.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg)),
        );
      },
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
