import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { catalogue, type ErrorCode, statusOfKind } from '@parley/errors';
import type { z } from 'zod';
import { limitHeaders, retryHeader } from './limit.headers';
import { problemReference } from '../docs/problem.schema';

/** What reading a body can answer, beside what its contents can. */
export const bodyErrors = [
  'malformed_request',
  'payload_too_large',
  'unsupported_media_type',
  'validation_failed',
] as const satisfies ErrorCode[];

/** Whoever shows a token may be banned, and is limited. */
const tokenErrors = ['invalid_token', 'token_expired', 'user_banned', 'rate_limited'] as const satisfies ErrorCode[];
const everywhere = ['malformed_request', 'service_unavailable', 'internal_error'] as const satisfies ErrorCode[];

export interface RouteDocs {
  readonly summary: string;
  readonly description?: string;
  /** By status; with a single one, that is how the route answers. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
  /** The codes that are this route's own; those that every route can answer are added. */
  readonly errors: readonly ErrorCode[];
  /** False for a public route. */
  readonly needsToken?: boolean;
}

/** Describes a route in the OpenAPI document: parameters and bodies are read from their schemas, the rest is said here. */
export function Route({ summary, description, answers, errors, needsToken = true }: RouteDocs): MethodDecorator {
  const codes = new Set<ErrorCode>([...(needsToken ? tokenErrors : []), ...errors, ...everywhere]);
  const [status, ...others] = Object.keys(answers).map(Number);
  return applyDecorators(
    ...(status !== undefined && others.length === 0 ? [HttpCode(status)] : []),
    ApiOperation({ summary, ...(description === undefined ? {} : { description }) }),
    ...(needsToken ? [ApiBearerAuth()] : []),
    ...Object.entries(answers).map(([status, standardSchema]) =>
      ApiResponse({
        status: Number(status),
        description: 'Done',
        ...(isNothing(standardSchema) ? {} : isBytes(standardSchema) ? { content: { '*/*': {} } } : { standardSchema }),
        ...(needsToken ? { headers: limitHeaders } : {}),
      }),
    ),
    ...[...byStatus(codes)].map(([status, ofStatus]) => problemResponse(status, ofStatus)),
  );
}

/** A file is of whatever type its own header says. */
const isBytes = (schema: z.ZodType): boolean => schema.meta()?.['format'] === 'binary';
const isNothing = (schema: z.ZodType): boolean => schema.safeParse(undefined).success;

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
  return ApiResponse({
    status,
    description,
    content: { 'application/problem+json': { schema: problemReference, examples: examplesOf(codes) } },
    ...(status === statusOfKind.limited ? { headers: { ...limitHeaders, ...retryHeader } } : {}),
  });
}

/** The document has each code's example once. */
function examplesOf(codes: readonly ErrorCode[]): Record<string, { $ref: string }> {
  return Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
}
