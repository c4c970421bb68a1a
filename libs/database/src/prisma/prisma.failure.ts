import { isUnavailableState, toQueryFailure, unavailable } from '../connection/failure';
import { Prisma } from '../generated/client';

/** What the driver adapter says of connections that broke or never were: it gives no SQLSTATE for these. */
const connectionKinds = new Set(['ConnectionClosed', 'DatabaseNotReachable', 'SocketTimeout', 'TlsConnectionError']);

/** An error of the Prisma client as callers see it: `service_unavailable` by the rules of hand-written statements, else unchanged. */
export function toPrismaFailure(error: unknown): unknown {
  const driver = driverFailure(error);
  if (driver) {
    const state = driver.originalCode ?? '';
    return connectionKinds.has(driver.kind) || isUnavailableState(state) ? unavailable(error) : error;
  }
  return isFromPrisma(error) ? error : toQueryFailure(error);
}

interface DriverFailure {
  readonly kind: string;
  readonly originalCode?: string;
}

function driverFailure(error: unknown): DriverFailure | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
  const wrapped = error.meta?.['driverAdapterError'];
  return wrapped instanceof Error ? (wrapped.cause as DriverFailure | undefined) : undefined;
}

function isFromPrisma(error: unknown): boolean {
  return (
    error instanceof Prisma.PrismaClientKnownRequestError ||
    error instanceof Prisma.PrismaClientUnknownRequestError ||
    error instanceof Prisma.PrismaClientValidationError ||
    error instanceof Prisma.PrismaClientInitializationError
  );
}
