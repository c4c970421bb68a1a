/** What stands before the body of a part. */
export interface PartHeaders {
  /** Of the field; empty where the part has none. */
  readonly name: string;
  /** As the client wrote it; undefined for a part that is no file. */
  readonly fileName: string | undefined;
  /** Lower case, without parameters. */
  readonly contentType: string | undefined;
}

const parameter = /;\s*([a-z*]+)\s*=\s*(?:"((?:\\["\\]|[^"])*)"|([^;\s]*))/gi;

/** @param text the header lines; characters that are none in UTF-8 come as U+FFFD. */
export function parsePartHeaders(text: string): PartHeaders {
  const headers = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (name !== '' && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  const disposition = parametersOf(headers.get('content-disposition') ?? '');
  const contentType = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  return {
    name: disposition.get('name') ?? '',
    fileName: extended(disposition.get('filename*')) ?? disposition.get('filename'),
    contentType: contentType === '' ? undefined : contentType,
  };
}

/** The parameters of `form-data; name="file"; filename="…"`; of two with the same name the first counts. */
function parametersOf(disposition: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, plain] of disposition.matchAll(parameter)) {
    const value = quoted === undefined ? (plain ?? '') : unescape(quoted);
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), value);
  }
  return found;
}

/** Browsers write a quote as `%22`, others put a backslash before it. */
function unescape(quoted: string): string {
  return quoted.replace(/\\(["\\])/g, '$1').replaceAll('%22', '"');
}

/** `UTF-8''na%C3%AFve.txt` (RFC 8187): what some clients send beside or instead of a plain name. */
function extended(value: string | undefined): string | undefined {
  const encoded = /^utf-8'[^']*'(.*)$/i.exec(value ?? '')?.[1];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
