import { SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

export const acceptsLinkKey = 'parley:accepts-link';

/** The route needs no token where its query has a signature, which it checks itself. */
export const AcceptsLink = () => SetMetadata(acceptsLinkKey, true);

export function isLink({ query }: FastifyRequest): boolean {
  return typeof query === 'object' && query !== null && 'signature' in query;
}
