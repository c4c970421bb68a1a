import { AppError } from '@parley/errors';
import pg from 'pg';

/** SQLSTATE classes that tell of the server and not of the statement: connection lost, out of resources. */
const unavailableClasses = new Set(['08', '53']);

const unavailableStates = new Set([
  '25006', // read-only: a standby that took over, or the old primary
  '25P03', // idle in transaction for too long
  '55P03', // lock_timeout
  '57014', // statement_timeout, or cancelled
  '57P01', // shut down by the administrator
  '57P02', // crash of another backend
  '57P03', // starting up or shutting down
]);

/** The 5-character SQLSTATE of a PostgreSQL error, also of one that an AppError has as its cause. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof pg.DatabaseError) return error.code;
  return error instanceof AppError ? sqlState(error.cause) : undefined;
}

/** The constraint that a row would have violated, where the error is about one. */
export function violatedConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.constraint : undefined;
}

/** True for what may go away by itself: the statement was fine, the server could not. */
export function isUnavailableState(state: string): boolean {
  return unavailableClasses.has(state.slice(0, 2)) || unavailableStates.has(state);
}

/** True where the connection can serve nobody any more: it broke, or the server closed it. */
export function isConnectionLost(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || error.severity === 'FATAL' || error.severity === 'PANIC';
}

/** The error of a query as callers see it: `service_unavailable` where the same query may succeed later, else unchanged. */
export function toQueryFailure(error: unknown): unknown {
  return isUnavailable(error) ? unavailable(error) : error;
}

export function unavailable(cause: unknown): AppError {
  return new AppError('service_unavailable', { cause });
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return isUnavailableState(error.code ?? '');
  // Of what the driver raises itself, the plain errors are about its connection; the others say that a value could not be
  // written or read (a cyclic object, text that is no JSON).
  const isAboutValues = error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
  return !isAboutValues;
}
