const maxNameBytes = 255;

/** Characters that show nothing themselves: controls, and those that turn the direction of the text around them. */
const invisible = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/g;

/** What Windows takes for a device, with or without an extension. */
const device = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * The name under which a file is shown and downloaded: the base name of what the client said, without characters that
 * mislead, at most 255 bytes; otherwise as it was. Nothing of it ever becomes a path here.
 *
 * @param fallback the name of a file that has none.
 */
export function safeFileName(given: string, fallback: string): string {
  // Through UTF-8 and back: what is no character becomes one.
  const base = Buffer.from(given)
    .toString()
    .replace(invisible, '')
    .replace(/^.*[/\\]/s, '')
    .trim();
  if (base === '' || /^\.+$/.test(base)) return fallback;
  return shorten(device.test(base) ? `_${base}` : base);
}

/** The extension in lower case, without its dot; empty where there is none. */
export function extensionOf(name: string): string {
  return /[^.]\.([^.]*)$/.exec(name)?.[1]?.trim().toLowerCase() ?? '';
}

/** Cuts between characters, before the extension. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= maxNameBytes) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  let room = maxNameBytes - Buffer.byteLength(extension);
  let kept = '';
  for (const character of name.slice(0, name.length - extension.length)) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    kept += character;
  }
  return kept + extension;
}
