import type { OpenAPIObject } from '@nestjs/swagger';
import { RestSuite } from '../rest.suite';

interface Operation {
  readonly summary?: string;
  readonly security?: object[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema?: object }>> }>>;
}

describe('the docs', () => {
  let rest: RestSuite;
  let document: OpenAPIObject;

  beforeAll(async () => {
    rest = await RestSuite.start();
    document = (await rest.anybody.get<OpenAPIObject>('/openapi.json')).body;
  });
  afterAll(() => rest.stop());

  const routes = () =>
    Object.entries(document.paths as unknown as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );

  it('list every route of the API', () => {
    const listed = routes().map(({ path, method }) => `${method.toUpperCase()} ${path}`);
    expect(listed.sort()).toEqual([
      'GET /api/conversations',
      'GET /api/conversations/{conversation_id}',
      'GET /api/conversations/{conversation_id}/messages',
      'GET /api/users/me',
      'GET /api/users/{user_id}',
      'GET /health',
      'GET /health/detailed',
      'GET /health/live',
      'GET /health/ready',
      'POST /api/auth/dev-token',
      'POST /api/conversations',
      'POST /api/conversations/{conversation_id}/messages',
    ]);
  });

  it('say of each route what it does, needs, answers and refuses', () => {
    for (const { path, method, operation } of routes()) {
      const { summary, security, requestBody, responses } = operation;
      expect(summary).toBeTruthy();
      if (path.startsWith('/health')) continue;
      if (path !== '/api/auth/dev-token') expect(security).toEqual([{ bearer: [] }]);
      if (method === 'post') expect(requestBody).toBeDefined();
      const [ok = ''] = Object.keys(responses).filter((status) => status.startsWith('2'));
      expect(Object.values(responses[ok]?.content ?? {})[0]?.schema).toBeDefined();
      for (const [status, { content }] of Object.entries(responses)) {
        if (status < '400') continue;
        expect(content).toEqual({ 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } });
      }
    }
  });

  it('point at nothing that is not there', () => {
    const schemas = Object.keys(document.components?.schemas ?? {});
    const pointers = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, pointer]) => pointer);
    expect(pointers.length).toBeGreaterThan(0);
    for (const pointer of new Set(pointers)) {
      expect(schemas.map((name) => `#/components/schemas/${name}`)).toContain(pointer);
    }
  });

  it('know the parameters of the history', () => {
    const operation = document.paths['/api/conversations/{conversation_id}/messages']?.get;
    expect(operation?.parameters).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'conversation_id', in: 'path', required: true }),
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

  it('serve Redoc without the picture of its maker', async () => {
    const { body, headers } = await rest.anybody.get<string>('/redoc/redoc.standalone.js');
    expect(headers.get('content-type')).toMatch(/javascript/);
    expect(body.length).toBeGreaterThan(100_000);
    expect(body).not.toContain('cdn.redoc.ly');
  });
});
