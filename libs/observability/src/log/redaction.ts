const redacted = '[redacted]';

/** Ends of field names, without case and separators, whose values are never logged: `accessToken`, `set-cookie`, `reply_to_content`. */
const secretEndings = ['authorization', 'token', 'password', 'secret', 'content', 'cookie'];

/** Deeper than this nothing is looked at, and hence nothing logged. */
const maxDepth = 6;

/** Looks like a JSON Web Token, or is the value of a query's `token`. */
const tokens = /\beyJ[\w-]+\.[\w-]+\.[\w-]*|(?<=[?&](?:access_)?token=)[^&\s"]+/g;

/** A copy of what is to be logged, without secrets. Errors are left to the error serializer. */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return redactFields(fields, 0, new Set());
}

/** Tokens in prose and URLs. */
export function redactText(text: string): string {
  return text.includes('eyJ') || text.includes('token=') ? text.replace(tokens, redacted) : text;
}

function redactFields(fields: object, depth: number, above: Set<object>): Record<string, unknown> {
  above.add(fields);
  const entries = Object.entries(fields).map(([name, value]: [string, unknown]) => [
    name,
    isSecretName(name) && value !== undefined && value !== null ? redacted : redactValue(value, depth + 1, above),
  ]);
  above.delete(fields);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function redactValue(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || value instanceof Error || value instanceof Date) return value;
  if (above.has(value)) return '[circular]';
  if (depth > maxDepth) return '[deep]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (!Array.isArray(value)) return redactFields(value, depth, above);
  above.add(value);
  const items = value.map((item: unknown) => redactValue(item, depth + 1, above));
  above.delete(value);
  return items;
}

function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[-_]/g, '');
  return secretEndings.some((ending) => plain.endsWith(ending));
}
