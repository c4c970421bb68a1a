import { type Deployment, RestClient } from '@parley/testing';
import { ChatScene } from './chat.scene';

/** What a page makes a browser load. */
function loadedBy(html: string): string[] {
  const attributes = html.matchAll(/<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)\s*=\s*["']([^"']+)["']/gi);
  const styles = html.matchAll(/(?:url\(|@import\s+)["']?([^"')\s]+)/gi);
  return [...attributes, ...styles].flatMap(([, target]) => target ?? []);
}

export function serviceSuite(deployment: () => Deployment): void {
  const rest = (gateway = 0) => new RestClient(new ChatScene(deployment()).url(gateway));

  it.each([0, 1])('says that it is healthy, to anybody (gateway %i)', async (gateway) => {
    const { status, body } = await rest(gateway).get('/health');
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'healthy', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  it.each(['/health/live', '/health/ready', '/health/detailed'])('answers %s', async (path) => {
    await expect(rest().get(path)).resolves.toMatchObject({ status: 200 });
  });

  describe.each(['/docs', '/redoc'])('%s', (path) => {
    it('is a page whose parts all come from here', async () => {
      const { status, headers, body } = await rest().get<string>(path);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^text\/html/);
      // What its scripts would load by themselves, the browser refuses.
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/https?:|\*/);
      const loaded = loadedBy(body).filter((target) => !target.startsWith('data:'));
      expect(loaded.filter((target) => /^(https?:)?\/\//.test(target))).toEqual([]);
      const base = new URL(path, deployment().urls[0]);
      for (const target of loaded) {
        const { pathname } = new URL(target, base);
        const part = await rest().get<string>(pathname);
        expect([pathname, part.status]).toEqual([pathname, 200]);
        if (pathname.endsWith('.css')) expect(loadedBy(part.body).filter((url) => /^https?:/.test(url))).toEqual([]);
      }
    });
  });

  it('leads from its own address to the docs', async () => {
    const { status, headers } = await fetch(new ChatScene(deployment()).url(), { redirect: 'manual' });
    expect([status, headers.get('location')]).toEqual([302, '/docs']);
  });

  it('describes itself in OpenAPI', async () => {
    const { status, body } = await rest().get<{ openapi: string; paths: Record<string, unknown> }>('/openapi.json');
    expect(status).toBe(200);
    expect(body.openapi).toMatch(/^3\./);
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/api/conversations', '/api/conversations/{id}/messages', '/api/users/me']),
    );
  });

  it('gives every answer the id under which it is found in the logs, the caller’s own if it has one', async () => {
    const own = await rest().get('/health', { headers: { 'x-request-id': 'abc-1' } });
    expect(own.headers.get('x-request-id')).toBe('abc-1');
    const made = await rest().get('/api/users/me');
    expect(made.headers.get('x-request-id')).toMatch(/^[\w.-]{8,}$/);
    expect(made.body).toMatchObject({ request_id: made.headers.get('x-request-id') });
  });

  it('signs no tokens for anybody', async () => {
    const { status } = await rest().post('/api/auth/dev-token', { user_id: 'alice' });
    expect(status).toBe(404);
  });
}
