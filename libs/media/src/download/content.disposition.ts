/**
 * The header that names a file (RFC 6266): in ASCII for old clients and, where that is not all, in UTF-8 (RFC 8187).
 *
 * @param type `inline` shows it where the client can.
 */
export function contentDisposition(type: 'inline' | 'attachment', fileName: string): string {
  const ascii = fileName.replace(/[^\u0020-\u007E]/gu, '_').replace(/["\\%]/g, '_');
  const plain = `${type}; filename="${ascii}"`;
  return ascii === fileName ? plain : `${plain}; filename*=UTF-8''${encode(fileName)}`;
}

/** Percent-encodes all but RFC 8187's attr-char. */
function encode(fileName: string): string {
  return encodeURIComponent(fileName).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
