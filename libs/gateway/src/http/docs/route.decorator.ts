import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { catalogue, type ErrorCode, statusOfKind } from '@parley/errors';
import type { z } from 'zod';
import { problemReference } from './problem.schema';

/** What reading a body can answer, beside what its contents can. */
export const bodyErrors = [
  'malformed_request',
  'payload_too_large',
  'unsupported_media_type',
  'validation_failed',
] as const satisfies ErrorCode[];

const tokenErrors = ['invalid_token', 'token_expired'] as const satisfies ErrorCode[];
const everywhere = ['service_unavailable', 'internal_error'] as const satisfies ErrorCode[];

export interface RouteDocs {
  readonly summary: string;
  readonly description?: string;
  /** By status. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
  /** The codes that are this route's own; those that every route can answer are added. */
  readonly errors: readonly ErrorCode[];
  /** False for a public route. */
  readonly needsToken?: boolean;
}

/** Describes a route in the OpenAPI document: parameters and bodies are read from their schemas, the rest is said here. */
export function Route({ summary, description, answers, errors, needsToken = true }: RouteDocs): MethodDecorator {
  const codes = new Set<ErrorCode>([...(needsToken ? tokenErrors : []), ...errors, ...everywhere]);
  return applyDecorators(
    ApiOperation({ summary, ...(description === undefined ? {} : { description }) }),
    ...(needsToken ? [ApiBearerAuth()] : []),
    ...Object.entries(answers).map(([status, standardSchema]) =>
      ApiResponse({ status: Number(status), description: 'Done', standardSchema }),
    ),
    ...[...byStatus(codes)].map(([status, ofStatus]) => problemResponse(status, ofStatus)),
  );
}

function byStatus(codes: Iterable<ErrorCode>): Map<number, ErrorCode[]> {
  const groups = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = statusOfKind[catalogue[code].kind];
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return groups;
}

function problemResponse(status: number, codes: readonly ErrorCode[]): MethodDecorator {
  const description = codes.map((code) => `\`${code}\`: ${catalogue[code].detail}.`).join(' ');
  return ApiResponse({ status, description, content: { 'application/problem+json': { schema: problemReference } } });
}
