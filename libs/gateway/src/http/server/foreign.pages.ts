import type { AppError } from '@parley/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { OriginPolicy } from './origin.policy';

/**
 * Where no origins are configured: refuses preflights before a method is looked for, which is not what is wrong with them.
 * Other requests of foreign pages are answered as ever: their browsers keep the answers from them.
 */
export function refuseForeignPages(fastify: FastifyInstance): void {
  const policy = new OriginPolicy([]);
  fastify.addHook('onRequest', (request, _reply, done) => done(refusalOfPreflight(request, policy)));
}

/** Why a page may not send what its browser asks for; undefined for one that may, and for what is no preflight. */
export function refusalOfPreflight({ method, headers }: FastifyRequest, policy: OriginPolicy): AppError | undefined {
  const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
  return isPreflight ? policy.refusalOf(headers) : undefined;
}
