/** What the docs pages may load: this server's own files. Both pages style themselves inline, Redoc searches in a worker. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const docsPath = /^\/(docs|redoc)(?![^/?])/;

/** Headers for answers to this URL: data is data, and a docs page loads nothing from elsewhere. */
export function securityHeadersOf(url: string): Record<string, string> {
  return {
    'x-content-type-options': 'nosniff',
    ...(docsPath.test(url) ? { 'content-security-policy': contentSecurityPolicy } : {}),
  };
}
