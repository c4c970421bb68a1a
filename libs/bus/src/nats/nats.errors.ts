import { errors } from '@nats-io/transport-node';
import { AppError } from '@parley/errors';

/** What the client library throws, as the catalogue's word for it. */
export function natsFailure(cause: unknown): AppError {
  // The only argument of ours that the library can refuse is a payload above the broker's bound.
  const isTooLarge = cause instanceof errors.InvalidArgumentError;
  return new AppError(isTooLarge ? 'payload_too_large' : 'service_unavailable', { cause });
}

export function notConnected(): AppError {
  return new AppError('service_unavailable', { cause: new Error('Not connected to NATS') });
}
