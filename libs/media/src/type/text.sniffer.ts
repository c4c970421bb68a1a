import { createReadStream } from 'node:fs';

/** Controls that are in no text; tab, line feed, form feed, carriage return and escape (of terminals' colours) may be. */
const binary = /[\u0000-\u0008\u000B\u000E-\u001A\u001C-\u001F\u007F]/;

/** How programs begin that are written in text: pages, drawings, scripts, PostScript. */
const active =
  /^\uFEFF?\s*(<!doctype|<\?xml|<\?php|<!--|<%|#!|%!ps|<(html|head|body|script|style|svg|iframe|object|embed|title|meta|link|base|form|h[1-6]|div|span|font|table|img|a|b|br|p|math|x:|xsl:|rss|feed)[\s/>])/i;

const chunkBytes = 65_536;

/**
 * Is a file plain text: all of it UTF-8 without binary controls, and no program of some kind?
 *
 * Stops at the first byte that tells otherwise.
 */
export async function isPlainText(file: string): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const chunks = createReadStream(file, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>;
  let isFirst = true;
  try {
    for await (const chunk of chunks) {
      const text = decoder.decode(chunk, { stream: true });
      if (binary.test(text) || (isFirst && active.test(text))) return false;
      isFirst = false;
    }
    decoder.decode();
    return !isFirst;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return false;
    throw error;
  }
}
