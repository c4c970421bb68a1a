import { AppError } from '@parley/errors';
import type { FastifyInstance } from 'fastify';

/** The methods of one path, by what stands between its slashes. */
interface Path {
  readonly segments: readonly string[];
  readonly methods: Set<string>;
}

/** Refuses a method that a known path does not have with 405 and the ones that it has, before anything else is done. */
export function refuseWrongMethods(fastify: FastifyInstance): void {
  const paths = new Map<string, Path>();
  fastify.addHook('onRoute', ({ url, method }) => {
    // Patterns are plugins' own: they would match what is no path of this API.
    if (url.includes('*')) return;
    const path = paths.get(url) ?? { segments: segmentsOf(url), methods: new Set() };
    for (const name of [method].flat()) path.methods.add(name);
    paths.set(url, path);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const methods = methodsOf([...paths.values()], request.url);
    if (methods.length === 0 || methods.includes(request.method)) return done();
    reply.header('allow', methods.join(', '));
    done(new AppError('method_not_allowed'));
  });
}

/** Without slashes at the end, as the router takes it. */
const segmentsOf = (path: string): string[] => path.replace(/\/+$/, '').split('/');

function methodsOf(paths: readonly Path[], url: string): string[] {
  const asked = segmentsOf(url.replace(/[?#].*$/s, ''));
  const matching = paths.filter(({ segments }) => {
    return segments.length === asked.length && segments.every((segment, i) => matches(segment, asked[i] ?? ''));
  });
  return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
}

function matches(segment: string, asked: string): boolean {
  return segment.startsWith(':') ? asked !== '' : segment === asked;
}
