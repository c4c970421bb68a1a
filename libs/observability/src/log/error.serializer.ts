import { redactText } from './redaction';

/** How far causes are followed. */
const maxCauses = 5;

/**
 * An error as it is logged: type, message, code, stack and its causes.
 *
 * Other properties are left out: drivers hang rows and parameters on their errors, with people's messages in them.
 */
export function serializeError(error: unknown, causes = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? redactText(error) : error;
  const { code } = error as { code?: unknown };
  return {
    type: error.constructor.name,
    message: redactText(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined || causes >= maxCauses ? {} : { cause: serializeError(error.cause, causes + 1) }),
  };
}
