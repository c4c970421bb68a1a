import type { FileKind } from '@parley/contracts';

/** A type of file that is accepted, whatever a deployment narrows it to. */
export interface FileType {
  /** As it is stored, shown and served. */
  readonly mimeType: string;
  readonly kind: FileKind;
  /** What the name may end in; the first is given to files without a name. */
  readonly extensions: readonly string[];
  /** What else clients call it in a header. */
  readonly aliases: readonly string[];
}

const type = (
  mimeType: string,
  kind: FileKind,
  extensions: readonly string[],
  aliases: readonly string[] = [],
): FileType => ({ mimeType, kind, extensions, aliases });

const officeDocument = 'application/vnd.openxmlformats-officedocument';

/** All that is accepted. SVG and HTML are missing on purpose: they are programs. */
export const fileTypes = {
  jpeg: type('image/jpeg', 'image', ['jpg', 'jpeg', 'jpe', 'jfif'], ['image/jpg', 'image/pjpeg']),
  png: type('image/png', 'image', ['png', 'apng'], ['image/x-png', 'image/apng', 'image/vnd.mozilla.apng']),
  gif: type('image/gif', 'image', ['gif']),
  webp: type('image/webp', 'image', ['webp']),
  pdf: type('application/pdf', 'file', ['pdf'], ['application/x-pdf']),
  doc: type('application/msword', 'file', ['doc', 'dot'], ['application/x-msword', 'application/vnd.ms-word']),
  xls: type('application/vnd.ms-excel', 'file', ['xls', 'xlt'], ['application/msexcel', 'application/x-msexcel']),
  docx: type(`${officeDocument}.wordprocessingml.document`, 'file', ['docx']),
  xlsx: type(`${officeDocument}.spreadsheetml.sheet`, 'file', ['xlsx']),
  txt: type('text/plain', 'file', ['txt', 'text', 'log']),
  zip: type(
    'application/zip',
    'file',
    ['zip'],
    ['application/x-zip', 'application/x-zip-compressed', 'multipart/x-zip'],
  ),
  rar: type(
    'application/vnd.rar',
    'file',
    ['rar'],
    ['application/x-rar', 'application/x-rar-compressed', 'application/rar'],
  ),
  mp3: type('audio/mpeg', 'voice', ['mp3', 'mpga'], ['audio/mp3', 'audio/x-mp3', 'audio/x-mpeg', 'audio/mpeg3']),
  wav: type('audio/wav', 'voice', ['wav', 'wave'], ['audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'audio/x-pn-wav']),
  ogg: type(
    'audio/ogg',
    'voice',
    ['ogg', 'oga', 'opus'],
    ['application/ogg', 'video/ogg', 'audio/opus', 'audio/x-opus+ogg', 'audio/vorbis'],
  ),
  webm: type('audio/webm', 'voice', ['webm', 'weba'], ['video/webm']),
  m4a: type(
    'audio/mp4',
    'voice',
    ['m4a', 'mp4'],
    ['audio/m4a', 'audio/x-m4a', 'audio/mp4a-latm', 'audio/aac', 'video/mp4'],
  ),
} as const satisfies Record<string, FileType>;

export type FileTypeName = keyof typeof fileTypes;

/** Headers of clients that do not know what they send. */
const unknownTypes = new Set([
  'application/octet-stream',
  'binary/octet-stream',
  'application/x-download',
  'application/download',
]);

/** Does what a client says of a file fit what its bytes are? A header or an extension that is missing says nothing. */
export function agrees(
  { mimeType, extensions, aliases }: FileType,
  header: string | undefined,
  extension: string,
): boolean {
  const isHeaderRight =
    header === undefined || unknownTypes.has(header) || header === mimeType || aliases.includes(header);
  return isHeaderRight && (extension === '' || extensions.includes(extension));
}
