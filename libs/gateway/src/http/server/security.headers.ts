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
const apiPath = /^\/api(?![^/?])/;

/** What the API answers is for the one who asked: nobody keeps it, and nobody shows it as a page. Files say it their way. */
const apiHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** Headers for answers to this URL: data is data, a docs page loads nothing from elsewhere, and no link tells this URL. */
export function securityHeadersOf(url: string): Record<string, string> {
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...(docsPath.test(url) ? { 'content-security-policy': contentSecurityPolicy } : {}),
    ...(apiPath.test(url) ? apiHeaders : {}),
  };
}
