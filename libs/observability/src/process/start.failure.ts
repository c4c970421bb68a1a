import { ConfigError } from '@parley/config';
import { AppError } from '@parley/errors';

/** A reason not to start whose message says all that an operator needs. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

/** Ends a process that cannot start, or stop as it should, with exit code 1 and the reason on the terminal. */
export function exitWithFailure(error: unknown): never {
  process.stderr.write(`${describeStartFailure(error)}\n`);
  process.exit(1);
}

/** Why a process does not start, for whoever sits before the terminal: what is wrong and, where known, what to do. */
export function describeStartFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ConfigError || error instanceof StartFailure) return error.message;
  if (error instanceof AppError && error.code === 'service_unavailable') {
    return `PostgreSQL cannot be reached: ${error.cause instanceof Error ? error.cause.message : error.message}`;
  }
  return isListenError(error) ? describeListenError(error) : (error.stack ?? error.message);
}

interface ListenError extends Error {
  readonly code: string;
  readonly address: string;
  readonly port: number;
}

function isListenError(error: Error): error is ListenError {
  return (error as NodeJS.ErrnoException).syscall === 'listen';
}

function describeListenError({ code, address, port }: ListenError): string {
  if (code !== 'EADDRINUSE') return `Parley may not listen on ${address}:${port} (${code}).`;
  return `Port ${port} of ${address} is taken. Stop what listens there, or choose another one: PORT=${port + 1}`;
}
