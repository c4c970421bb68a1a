import { securityHeadersOf } from './security.headers';

it.each(['/api/users/me', '/api/conversations?limit=1', '/api/nowhere', '/api'])(
  '%s is for the caller alone',
  (url) => {
    expect(securityHeadersOf(url)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
  },
);

it.each(['/health', '/apis', '/openapi.json'])('%s may be kept', (url) => {
  expect(Object.keys(securityHeadersOf(url)).sort()).toEqual(['referrer-policy', 'x-content-type-options']);
});

it.each(['/docs', '/docs/swagger-ui.css', '/redoc?a'])('%s loads nothing from elsewhere', (url) => {
  const { 'content-security-policy': policy, ...others } = securityHeadersOf(url);
  expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(others).toEqual({ 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' });
});
