import type { OpenAPIObject } from '@nestjs/swagger';
import type { Problem } from '@parley/errors';
import { Ajv2020 } from 'ajv/dist/2020';
import { RestScene } from '../testing/rest.scene';
import { ProblemSchema } from './problem.schema';
import { isVague, leavesOf } from './example.suite';

interface Body {
  readonly content?: Readonly<Record<string, { schema?: object; example?: unknown; examples?: object }>>;
}

interface Operation {
  readonly summary?: string;
  readonly security?: object[];
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body>>;
}

/** What clients may rely on being there. */
const contract = `
  GET POST /api/conversations
  GET /api/conversations/public
  GET PUT PATCH DELETE /api/conversations/{id}
  GET POST /api/conversations/{id}/participants
  PUT DELETE /api/conversations/{id}/participants/{user_id}
  POST /api/conversations/{id}/join
  POST /api/conversations/{id}/leave
  POST /api/conversations/{id}/read
  GET /api/unread-count
  GET POST /api/conversations/{id}/messages
  GET PUT PATCH DELETE /api/messages/{id}
  GET /api/messages/{id}/history
  POST PUT /api/messages/{id}/read
  GET /api/messages/{id}/receipts
  PUT DELETE /api/messages/{id}/reactions/{emoji}
  PUT DELETE /api/messages/{id}/pin
  GET /api/conversations/{id}/pins
  GET /api/conversations/{id}/scheduled
  DELETE /api/scheduled/{id}
  GET PUT /api/users/me
  GET PUT /api/users/{id}
  POST /api/users
  GET /api/users/search
  GET PUT /api/users/status
  GET /api/users/online
  POST /api/conversations/{id}/typing
  GET /api/conversations/{id}/online-users
  POST /api/conversations/{id}/upload
  GET /api/files/{id}
  GET /api/files/{id}/thumbnail
  POST /api/files/{id}/link
  POST DELETE /api/users/{id}/block
  GET /api/users/blocked
  POST /api/users/{id}/ban
  POST /api/users/{id}/unban
  POST /api/users/{id}/revoke
  POST /api/auth/dev-token
  GET /health
  GET /health/detailed
  GET /health/live
  GET /health/ready`
  .trim()
  .split('\n')
  .flatMap((line) => {
    const words = line.trim().split(' ');
    return words.slice(0, -1).map((method) => `${method} ${words.at(-1)}`);
  });

const hasBody = new Set(
  contract
    .filter((route) => /^(POST|PUT|PATCH)/.test(route))
    .filter((route) => !/join|leave|\/messages\/\{id\}\/read|reactions|pin|block|ban|revoke/.test(route))
    .map((route) => route.replace(/^\w+/, (method) => method.toLowerCase())),
);

describe('the docs', () => {
  let rest: RestScene;
  let document: OpenAPIObject;

  beforeAll(async () => {
    rest = await RestScene.start();
    document = (await rest.anybody.get<OpenAPIObject>('/openapi.json')).body;
  });
  afterAll(() => rest.stop());

  const routes = () =>
    Object.entries(document.paths as unknown as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );

  it('list every route of the API', () => {
    const listed = routes().map(({ path, method }) => `${method.toUpperCase()} ${path}`);
    expect(listed).toEqual(expect.arrayContaining([...contract]));
  });

  it('say of each route what it does, needs and answers', () => {
    for (const { path, method, operation } of routes()) {
      const { summary, security, requestBody, responses } = operation;
      expect(summary).toBeTruthy();
      if (security !== undefined) expect(security).toEqual([{ bearer: [] }]);
      if (hasBody.has(`${method} ${path}`)) expect(requestBody).toBeDefined();
      const [ok = ''] = Object.keys(responses).filter((status) => status.startsWith('2'));
      expect(Object.keys(responses[ok]?.content ?? {})).not.toEqual([]);
    }
  });

  it('say of each route what it refuses', () => {
    const refusals = routes()
      .filter(({ path }) => !path.startsWith('/health'))
      .flatMap(({ operation }) => Object.entries(operation.responses))
      .filter(([status]) => status >= '400');
    for (const [, { content }] of refusals) {
      const { schema, examples = {} } = content?.['application/problem+json'] ?? {};
      expect(schema).toEqual({ $ref: '#/components/schemas/Problem' });
      expect(Object.keys(examples)).not.toEqual([]);
    }
  });

  it('say which bodies may be left out', () => {
    const operation = (path: string) => document.paths[path]?.post as unknown as Operation;
    expect(operation('/api/conversations/{id}/read').requestBody).toMatchObject({
      required: false,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Receipt' } } },
    });
    expect(operation('/api/conversations').requestBody).toMatchObject({ required: true });
    expect(JSON.stringify(document)).not.toContain('x-optional');
  });

  it('need a token wherever the product says nothing else', () => {
    const open = routes().filter(({ operation }) => operation.security === undefined);
    expect(open.filter(({ path }) => !/^\/(health|api\/auth\/dev-token|api\/files\/)/.test(path))).toEqual([]);
    for (const { path } of open.filter((each) => !each.path.startsWith('/health'))) {
      expect(document.info.description).toContain(path);
    }
  });

  it('show for every body something that it may be', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false, discriminator: false });
    const isExample = (schema: object, example: unknown) =>
      ajv.validate({ ...schema, components: document.components }, example) ? [] : ajv.errors;
    for (const { path, method, operation } of routes()) {
      const bodies = [operation.requestBody, ...Object.values(operation.responses)];
      for (const [type, content] of bodies.flatMap((body) => Object.entries(body?.content ?? {}))) {
        if (!/json|form-urlencoded/.test(type) || content.examples) continue;
        const told = {
          path,
          method,
          example: content.example,
          errors: isExample(content.schema ?? {}, content.example),
        };
        expect(told).toMatchObject({ example: expect.anything(), errors: [] });
      }
    }
  });

  it('show what all text looks like, and times as times', () => {
    const shown = routes().flatMap(({ operation }) => {
      return [operation.requestBody, ...Object.values(operation.responses)].flatMap((body) =>
        Object.values(body?.content ?? {}).map(({ example }) => example),
      );
    });
    expect(leavesOf(shown).filter(({ value }) => typeof value === 'string')).not.toEqual([]);
    expect(leavesOf(shown).filter(isVague)).toEqual([]);
  });

  it('show for every error what a client sees of it', () => {
    const examples = (document.components?.examples ?? {}) as Record<string, { readonly value: Problem }>;
    for (const [code, { value }] of Object.entries(examples)) {
      expect(ProblemSchema.parse(value)).toMatchObject({ code, status: expect.any(Number) });
    }
    const shown = routes().flatMap(({ operation }) => Object.entries(operation.responses));
    for (const [status, { content }] of shown) {
      for (const code of Object.keys(content?.['application/problem+json']?.examples ?? {})) {
        expect(examples[code]?.value.status).toBe(Number(status));
      }
    }
  });

  it('point at nothing that is not there', () => {
    const { schemas = {}, examples = {} } = document.components ?? {};
    const places = [
      ...Object.keys(schemas).map((name) => `#/components/schemas/${name}`),
      ...Object.keys(examples).map((name) => `#/components/examples/${name}`),
    ];
    const pointers = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, pointer]) => pointer);
    expect(pointers.length).toBeGreaterThan(0);
    for (const pointer of new Set(pointers)) {
      expect(places).toContain(pointer);
    }
  });

  it('describe no schema by a type and by alternatives, which may exclude each other', () => {
    const typed: object[] = [];
    JSON.stringify(document, (_, value: unknown) => {
      if (typeof value === 'object' && value !== null && 'type' in value) typed.push(value);
      return value;
    });
    expect(typed).not.toEqual([]);
    expect(typed.filter((schema) => 'anyOf' in schema || 'oneOf' in schema || 'allOf' in schema)).toEqual([]);
  });

  it('know the parameters of the history', () => {
    const operation = document.paths['/api/conversations/{id}/messages']?.get;
    expect(operation?.parameters).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'id', in: 'path', required: true }),
        expect.objectContaining({ name: 'limit', in: 'query', required: false }),
        expect.objectContaining({ name: 'before_seq', in: 'query', required: false }),
      ]),
    );
  });

  it.each(['/docs', '/redoc'])('%s is a page that loads nothing from elsewhere', async (path) => {
    const page = await rest.anybody.get<string>(path);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).not.toContain('http');

    const files = [...page.body.matchAll(/(?:src|href)=["']([^"'#]+)["']/g)].map(([, file = '']) => file);
    const own = files.filter((file) => !file.startsWith('data:'));
    expect(own.length).toBeGreaterThan(0);
    for (const file of own) {
      const url = new URL(file, `${rest.url}${path}`);
      expect(url.origin).toBe(rest.url);
      expect((await rest.anybody.get(url.pathname)).status).toBe(200);
    }
  });

  it('are where the address of the server itself leads, without a token', async () => {
    const { status, headers } = await fetch(`${rest.url}/`, { redirect: 'manual' });
    expect([status, headers.get('location')]).toEqual([302, '/docs']);
    expect((await rest.anybody.call('POST', '/')).status).toBe(405);
  });

  it('serve Redoc without the picture of its maker', async () => {
    const { body, headers } = await rest.anybody.get<string>('/redoc/redoc.standalone.js');
    expect(headers.get('content-type')).toMatch(/javascript/);
    expect(body.length).toBeGreaterThan(100_000);
    expect(body).not.toContain('cdn.redoc.ly');
  });
});
