import type { ByteReader } from './byte.reader';

/** A moment of an MP3. */
export interface Gain {
  /** In seconds. */
  readonly at: number;
  /** The encoder's own word on how loud it is; linear. */
  readonly loudness: number;
}

/** kbit/s of layer III by their number. */
const bitRates = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0],
} as const;
const sampleRates = [44_100, 48_000, 32_000, 0] as const;

/** By the number of the version: 2.5, none, 2, 1. */
const rateDivisors = [4, 1, 2, 1] as const;

/** Bytes between frames that are passed over in all: what is more is no MP3. */
const maxStrayBytes = 65_536;

const headerBytes = 4;
/** Where a frame's side information may reach to: header, checksum, and 32 bytes. */
const sideBytes = 38;

interface FrameHeader {
  readonly isMpeg1: boolean;
  readonly channels: 1 | 2;
  readonly bytes: number;
  readonly seconds: number;
  /** Where the side information begins. */
  readonly sideAt: number;
}

/** How loud an MP3 is, frame by frame: its side information tells without decoding. */
export async function* readMp3Gains(reader: ByteReader): AsyncGenerator<Gain> {
  await skipTag(reader);
  let at = 0;
  let stray = 0;
  for (let frame = await reader.peek(sideBytes); frame; frame = await reader.peek(sideBytes)) {
    const header = headerOf(frame);
    if (header === undefined) {
      if (++stray > maxStrayBytes) return;
      reader.skip(1);
      continue;
    }
    yield { at, loudness: loudnessOf(frame.subarray(header.sideAt), header) };
    at += header.seconds;
    reader.skip(header.bytes);
  }
}

/** ID3 before the sound: title, pictures. */
async function skipTag(reader: ByteReader): Promise<void> {
  const tag = await reader.peek(10);
  if (tag?.toString('latin1', 0, 3) !== 'ID3') return;
  const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + ((tag[at] ?? 0) & 0x7f), 0);
  reader.skip(10 + size);
}

/** Eleven ones, and a version that there is. */
function isLayer3(word: number): boolean {
  return word >>> 21 === 0x7ff && ((word >>> 19) & 3) !== 1 && ((word >>> 17) & 3) === 1;
}

function headerOf(frame: Buffer): FrameHeader | undefined {
  const word = frame.readUInt32BE(0);
  const version = (word >>> 19) & 3;
  if (!isLayer3(word)) return undefined;
  const isMpeg1 = version === 3;
  const bitRate = bitRates[isMpeg1 ? 'mpeg1' : 'mpeg2'][(word >>> 12) & 15] ?? 0;
  const sampleRate = (sampleRates[(word >>> 10) & 3] ?? 0) / (rateDivisors[version] ?? 1);
  if (bitRate === 0 || sampleRate === 0) return undefined;
  const samples = isMpeg1 ? 1_152 : 576;
  return {
    isMpeg1,
    channels: ((word >>> 6) & 3) === 3 ? 1 : 2,
    bytes: Math.floor((samples * bitRate * 125) / sampleRate) + ((word >>> 9) & 1),
    seconds: samples / sampleRate,
    sideAt: headerBytes + ((word >>> 16) & 1 ? 0 : 2),
  };
}

/** The loudest of the frame's granules and channels. `global_gain` is in steps of 1.5 dB. */
function loudnessOf(side: Buffer, { isMpeg1, channels }: FrameHeader): number {
  const firstBit = isMpeg1 ? 9 + (channels === 1 ? 5 : 3) + 4 * channels : 8 + channels;
  const granuleBits = isMpeg1 ? 59 : 63;
  let loudest = 0;
  for (let granule = 0; granule < channels * (isMpeg1 ? 2 : 1); granule++) {
    const bit = firstBit + granule * granuleBits;
    // Without coefficients it is silent, whatever its gain.
    const isSilent = bitsOf(side, bit, 12) === 0;
    if (!isSilent) loudest = Math.max(loudest, 2 ** (bitsOf(side, bit + 21, 8) / 4));
  }
  return loudest;
}

function bitsOf(bytes: Buffer, first: number, count: number): number {
  let value = 0;
  for (let bit = first; bit < first + count; bit++)
    value = value * 2 + (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
  return value;
}
