import type { ByteReader } from './byte.reader';
import type { Frame } from './webm.frames';

const headerBytes = 27;
/** Of a recording of some hours. */
const maxPages = 500_000;
/** Of Opus; of Vorbis it is near enough, since only the shape is asked for. */
const unitsASecond = 48_000;

/** The packets of an Ogg file: of each page its end is known, between which they are spread evenly. */
export async function* readOggFrames(reader: ByteReader): AsyncGenerator<Frame> {
  let before = 0;
  for (let count = 0; count < maxPages; count++) {
    const header = await reader.read(headerBytes);
    if (header === undefined || header.toString('latin1', 0, 4) !== 'OggS') return;
    const end = Number(header.readBigInt64LE(6));
    const table = await reader.read(header.readUInt8(26));
    if (table === undefined) return;
    const packets = packetsOf([...table]);
    // A page in which nothing ends, and those of the file's own headers, tell no time.
    if (end > before) {
      const step = (end - before) / packets.length;
      for (const [i, bytes] of packets.entries()) yield { at: (before + i * step) / unitsASecond, bytes };
      before = end;
    }
    reader.skip(table.reduce((sum, bytes) => sum + bytes, 0));
  }
}

/** Sizes of packets: one goes on as long as its pieces have 255 bytes. */
function packetsOf(pieces: readonly number[]): number[] {
  const packets: number[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    bytes += piece;
    if (piece < 255) {
      packets.push(bytes);
      bytes = 0;
    }
  }
  return bytes > 0 ? [...packets, bytes] : packets;
}
