import type { ByteReader } from './byte.reader';

/** A piece of encoded sound. */
export interface Frame {
  /** When it sounds, in seconds. */
  readonly at: number;
  /** How many bytes the encoder spent on it: with a variable bit rate, few on silence. */
  readonly bytes: number;
}

const ids = {
  segment: 0x18538067,
  cluster: 0x1f43b675,
  info: 0x1549a966,
  blockGroup: 0xa0,
  timestampScale: 0x2ad7b1,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  block: 0xa1,
} as const;

/** What holds other elements is not skipped: those follow. */
const containers: ReadonlySet<number> = new Set([ids.segment, ids.cluster, ids.info, ids.blockGroup]);

/** Of a recording of some hours. */
const maxElements = 1_000_000;
const defaultScale = 1_000_000;
/** Of a block before its content: the track, which may take more, and the time. */
const blockHeaderBytes = 4;

/** The frames of a WebM of one track, as far as it can be read. */
export async function* readWebmFrames(reader: ByteReader): AsyncGenerator<Frame> {
  const clock = { scale: defaultScale, clusterTime: 0 };
  for (let count = 0; count < maxElements; count++) {
    const id = await readNumber(reader, true);
    const size = await readNumber(reader, false);
    if (id === undefined || size === undefined) return;
    if (containers.has(id)) continue;
    if (!Number.isFinite(size)) return;
    const content = readable.has(id) ? await reader.peek(Math.min(size, 8)) : undefined;
    if (content !== undefined && content.length > 0) {
      if (id === ids.timestampScale) clock.scale = uintOf(content);
      else if (id === ids.timestamp) clock.clusterTime = uintOf(content);
      else if (content.length >= blockHeaderBytes) {
        const at = ((clock.clusterTime + content.readInt16BE(1)) * clock.scale) / 1e9;
        yield { at, bytes: size - blockHeaderBytes };
      }
    }
    reader.skip(size);
  }
}

/** What is looked into. */
const readable: ReadonlySet<number> = new Set([ids.timestampScale, ids.timestamp, ids.simpleBlock, ids.block]);

const uintOf = (content: Buffer): number => content.readUIntBE(0, Math.min(content.length, 6));

/**
 * A number of EBML: how long it is, its first byte says. Of an id that mark belongs to it; a size of ones alone is not known
 * (Infinity).
 */
async function readNumber(reader: ByteReader, isId: boolean): Promise<number | undefined> {
  const first = (await reader.peek(1))?.[0];
  if (first === undefined || first === 0) return undefined;
  const length = Math.clz32(first) - 23;
  const bytes = await reader.read(length);
  if (bytes === undefined) return undefined;
  const mark = 0x80 >> (length - 1);
  let value = isId ? first : first & (mark - 1);
  let isUnknown = !isId && value === mark - 1;
  for (const byte of bytes.subarray(1)) {
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return isUnknown ? Infinity : value;
}
