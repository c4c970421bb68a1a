import { randomFillSync } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

/** A file as a client would upload it. */
export interface TestFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer<ArrayBuffer>;
}

const file = (name: string, type: string, ...bytes: readonly Uint8Array[]): TestFile => ({
  name,
  type,
  bytes: Buffer.concat(bytes),
});

/** 16 by 8 pixels, red on the left and blue on the right. */
const tiny = {
  jpeg: Buffer.from(
    '/9j/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDh' +
      'wQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wAARCAAIABADASIAAhEBAxEB/8QAFgAB' +
      'AQEAAAAAAAAAAAAAAAAAAAUG/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/EABQBAQAAAAAAAAAAAAAAAAAAAAX/xAAZEQACAwEAAAAAAAAAAAAAAA' +
      'AABkOBwYL/2gAMAwEAAhEDEQA/AMyjAWWZedHGGK8P/9k=',
    'base64',
  ),
  gif: Buffer.from(
    'R0lGODlhEAAIAIEAAExpccgeHh4eyAAAACH5BAUAAAAALAAAAAAQAAgAAAITjG+iq4jM3IFLJipswNly/XlYAQA7',
    'base64',
  ),
  webp: Buffer.from(
    'UklGRjwAAABXRUJQVlA4IDAAAACwAQCdASoQAAgAAUAmJaACdLoABDAAAP72e//9IjH/Af+7BcW/3pP/ewJD/3r/UAA=',
    'base64',
  ),
};

/** What the metadata of a test's pictures says, and nobody but the uploader should read. */
export const secretPlace = 'At home, 48.8584 N 2.2945 E';

/** A JPEG of 16 by 8 pixels. @param orientation as a camera notes it; from 5 on it lay on its side. */
export function aJpeg({ orientation = 1 }: { readonly orientation?: number } = {}): TestFile {
  const exif = segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifOf(orientation)]));
  const comment = segment(0xfe, Buffer.from(secretPlace));
  return file('photo.jpg', 'image/jpeg', tiny.jpeg.subarray(0, 2), exif, comment, tiny.jpeg.subarray(2));
}

interface Drawing {
  readonly width?: number;
  readonly height?: number;
  /** Of pixels at random, which makes a large file; else of one colour. */
  readonly isNoise?: boolean;
}

/** A PNG, with a text beside it. */
export function aPng({ width = 16, height = 8, isNoise = false }: Drawing = {}): TestFile {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a channel, red, green and blue.
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let row = 0; isNoise && row < height; row++) randomFillSync(rows, row * (1 + width * 3) + 1, width * 3);
  const chunks = [
    pngChunk('IHDR', header),
    pngChunk('tEXt', Buffer.from(`Comment\0${secretPlace}`, 'latin1')),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ];
  return file('drawing.png', 'image/png', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks);
}

/** A PNG that is small as a file and enormous as a picture. Its rows are missing: nobody should ever decode it. */
export function aPixelBomb({ width = 30_000, height = 30_000 } = {}): TestFile {
  const { bytes } = aPng();
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return file('bomb.png', 'image/png', bytes);
}

export const aGif = (): TestFile => file('wave.gif', 'image/gif', tiny.gif);
export const aWebp = (): TestFile => file('sticker.webp', 'image/webp', tiny.webp);

export const aPdf = (): TestFile =>
  file('paper.pdf', 'application/pdf', Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n'));

export const aText = (content = 'Hello, whoever reads this.\n'): TestFile =>
  file('notes.txt', 'text/plain', Buffer.from(content));

/** A ZIP archive of these files, not compressed. */
export function aZip(entries: Readonly<Record<string, string>> = { 'notes.txt': 'Hello' }): TestFile {
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const [path, bytes] = [Buffer.from(name), Buffer.from(content)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(path.length, 22);
    const entry = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, path, bytes]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), common, place, path);
    local.push(entry);
    offset += entry.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(entries).length, 8);
  end.writeUInt16LE(Object.keys(entries).length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return file('archive.zip', 'application/zip', ...local, listing, end);
}

const openXml = 'application/vnd.openxmlformats-officedocument';

const contentTypes = (type: string) =>
  `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
  `<Override PartName="/main.xml" ContentType="${openXml}.${type}.main+xml"/></Types>`;

export function aDocx(): TestFile {
  const type = 'wordprocessingml.document';
  const { bytes } = aZip({
    '[Content_Types].xml': contentTypes(type),
    '_rels/.rels': '<x/>',
    'word/document.xml': '<x/>',
  });
  return file('letter.docx', `${openXml}.${type}`, bytes);
}

export function anXlsx(): TestFile {
  const type = 'spreadsheetml.sheet';
  const { bytes } = aZip({
    '[Content_Types].xml': contentTypes(type),
    '_rels/.rels': '<x/>',
    'xl/workbook.xml': '<x/>',
  });
  return file('table.xlsx', `${openXml}.${type}`, bytes);
}

/** A compound file (OLE) with one stream: `WordDocument` and `Workbook` are the old formats of Office. */
export function aCompoundFile(stream: string): Buffer<ArrayBuffer> {
  const [free, end, table] = [0xffffffff, 0xfffffffe, 0xfffffffd];
  const header = Buffer.alloc(512, 0xff);
  header.fill(0, 8, 76);
  header.write('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'latin1');
  header.set([0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0], 24);
  header.writeUInt32LE(1, 44);
  header.writeUInt32LE(1, 48);
  header.writeUInt32LE(4_096, 56);
  header.writeUInt32LE(end, 60);
  header.writeUInt32LE(end, 68);
  header.writeUInt32LE(0, 76);
  const allocation = Buffer.alloc(512);
  for (let at = 0; at < 512; at += 4) allocation.writeUInt32LE(free, at);
  allocation.writeUInt32LE(table, 0);
  allocation.writeUInt32LE(end, 4);
  const directory = Buffer.alloc(512);
  ['Root Entry', stream].forEach((name, i) => {
    directory.write(name, i * 128, 'utf16le');
    directory.writeUInt16LE((name.length + 1) * 2, i * 128 + 64);
    directory[i * 128 + 66] = i === 0 ? 5 : 2;
  });
  return Buffer.concat([header, allocation, directory]);
}

export const aDoc = (): TestFile => file('old.doc', 'application/msword', aCompoundFile('WordDocument'));
export const anXls = (): TestFile => file('old.xls', 'application/vnd.ms-excel', aCompoundFile('Workbook'));

export const aRar = (): TestFile =>
  file('archive.rar', 'application/vnd.rar', Buffer.from('Rar!\x1a\x07\x01\x00', 'latin1'), Buffer.alloc(64, 1));

/** Mono, 8 kHz, 16 bits: a tone that grows from silence to its loudest. */
export function aWav({ seconds = 2 }: { readonly seconds?: number } = {}): TestFile {
  const rate = 8_000;
  const count = Math.round(seconds * rate);
  const samples = Buffer.alloc(count * 2);
  for (let i = 0; i < count; i++) samples.writeInt16LE(Math.round(Math.sin(i) * 30_000 * (i / count)), i * 2);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return file('voice.wav', 'audio/wav', header, samples);
}

/** MPEG 1 layer III, 128 kbit/s, 44.1 kHz. @param gains how loud each frame says that it is; silent ones without. */
export function anMp3({
  seconds = 2,
  gains = [],
}: { readonly seconds?: number; readonly gains?: readonly number[] } = {}): TestFile {
  const count = gains.length > 0 ? gains.length : Math.round((seconds * 44_100) / 1_152);
  const frames = Array.from({ length: count }, (_, i) => {
    const frame = Buffer.alloc(417);
    frame.set([0xff, 0xfb, 0x90, 0x64]);
    const gain = gains[i];
    // Behind the header and 20 bits: 12 for the length of the first granule, 9 for its values, 8 for its gain.
    if (gain !== undefined) frame.set([1, 0, gain >> 1, (gain & 1) << 7], 4 + 3);
    return frame;
  });
  return file('voice.mp3', 'audio/mpeg', ...frames);
}

interface WebmOptions {
  /** Its length; absent, as browsers record it. */
  readonly seconds?: number;
  /** With a track of pictures. */
  readonly isFilm?: boolean;
  /** The sizes of its frames of 20 ms, in bytes. */
  readonly frames?: readonly number[];
}

/** WebM with Opus. */
export function aWebm({ seconds, isFilm = false, frames = [50] }: WebmOptions = {}): TestFile {
  const audio = [ebml('d7', uint(1)), ebml('73c5', uint(1)), ebml('83', uint(2)), ebml('86', Buffer.from('A_OPUS'))];
  const sound = ebml('ae', ...audio, ebml('e1', ebml('b5', float(48_000)), ebml('9f', uint(1))));
  const video = [ebml('d7', uint(2)), ebml('73c5', uint(2)), ebml('83', uint(1)), ebml('86', Buffer.from('V_VP8'))];
  const film = ebml('ae', ...video, ebml('e0', ebml('b0', uint(16)), ebml('ba', uint(8))));
  const length = seconds === undefined ? [] : [ebml('4489', float(seconds * 1_000))];
  const info = ebml('1549a966', ebml('2ad7b1', uint(1_000_000)), ...length, ebml('4d80', Buffer.from('x')));
  const clusters = frames.map((bytes, i) => {
    const block = Buffer.concat([Buffer.from([0x81, 0, i % 2 === 0 ? 0 : 20, 0x80]), Buffer.alloc(bytes)]);
    // Two frames a cluster, the second 20 ms after the first.
    return i % 2 === 0
      ? ebml('1f43b675', ebml('e7', uint(i * 20)), ebml('a3', block))
      : ebml('1f43b675', ebml('e7', uint((i - 1) * 20)), ebml('a0', ebml('a1', block)));
  });
  const head = [ebml('4286', uint(1)), ebml('42f7', uint(1)), ebml('42f2', uint(4)), ebml('42f3', uint(8))];
  return file(
    'voice.webm',
    'audio/webm',
    ebml('1a45dfa3', ...head, ebml('4282', Buffer.from('webm')), ebml('4287', uint(4)), ebml('4285', uint(2))),
    ebml('18538067', info, ebml('1654ae6b', sound, ...(isFilm ? [film] : [])), ...clusters),
  );
}

/** Ogg with Opus. @param frames the sizes of its packets of 20 ms, in bytes. */
export function anOgg({ frames = [50, 50] }: { readonly frames?: readonly number[] } = {}): TestFile {
  const head = Buffer.from('OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0', 'latin1');
  const tags = Buffer.from('OpusTags\x01\0\0\0x\0\0\0\0', 'latin1');
  const pages = frames.map((bytes, i) => oggPage(2 + i, (i + 1) * 960, Buffer.alloc(bytes), i === frames.length - 1));
  return file('voice.ogg', 'audio/ogg', oggPage(0, 0, head), oggPage(1, 0, tags), ...pages);
}

/** A page with one packet. Its checksum is left out. */
function oggPage(number: number, granule: number, packet: Buffer, isLast = false): Buffer {
  const header = Buffer.alloc(27);
  header.write('OggS');
  header[5] = (number === 0 ? 2 : 0) | (isLast ? 4 : 0);
  header.writeBigInt64LE(BigInt(granule), 6);
  header.writeUInt32LE(1, 14);
  header.writeUInt32LE(number, 18);
  const pieces = Buffer.alloc(Math.floor(packet.length / 255) + 1, 255);
  pieces[pieces.length - 1] = packet.length % 255;
  header[26] = pieces.length;
  return Buffer.concat([header, pieces, packet]);
}

/** A form with these files, as browsers send it. */
export function formOf(files: readonly TestFile[], fields: Readonly<Record<string, string>> = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const { name, type, bytes } of files) form.append('file', new Blob([bytes], { type }), name);
  return form;
}

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

/** A TIFF with an orientation, and a description that names a place. */
function exifOf(orientation: number): Buffer {
  const text = Buffer.from(`${secretPlace}\0`, 'latin1');
  const tiff = Buffer.alloc(38);
  tiff.write('II*\0', 'latin1');
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(2, 8);
  // Tag, type (2 text, 3 short), count, value or where it is.
  tiff.writeUInt16LE(0x010e, 10);
  tiff.writeUInt16LE(2, 12);
  tiff.writeUInt32LE(text.length, 14);
  tiff.writeUInt32LE(38, 18);
  tiff.writeUInt16LE(0x0112, 22);
  tiff.writeUInt16LE(3, 24);
  tiff.writeUInt32LE(1, 26);
  tiff.writeUInt16LE(orientation, 30);
  return Buffer.concat([tiff, text]);
}

function pngChunk(name: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

function ebml(id: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(body.length) | (1n << 56n));
  return Buffer.concat([Buffer.from(id, 'hex'), length, body]);
}

function uint(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}
