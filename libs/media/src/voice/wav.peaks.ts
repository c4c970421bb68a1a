import type { FileHandle } from 'node:fs/promises';
import type { Gain } from './mp3.frames';

const chunkBytes = 65_536;
/** Chunks of a WAV before its samples that are passed over. */
const maxChunks = 64;
/** How finely it is looked at, in seconds. */
const stepSeconds = 0.01;

/** How samples lie in a WAV. */
interface SampleFormat {
  readonly bytesPerSecond: number;
  readonly bytes: number;
  /** From -1 to 1. */
  readonly read: (buffer: Buffer, at: number) => number;
}

interface Samples extends SampleFormat {
  readonly start: number;
  readonly end: number;
}

/** How loud a WAV is, moment by moment; nothing of one whose samples are of an unknown kind. */
export async function* readWavPeaks(file: FileHandle): AsyncGenerator<Gain> {
  const samples = await findSamples(file);
  if (samples === undefined) return;
  const { start, end, bytes, bytesPerSecond } = samples;
  const stepBytes = bytes * Math.max(1, Math.round((bytesPerSecond * stepSeconds) / bytes));
  const chunk = Buffer.alloc(Math.max(1, Math.floor(chunkBytes / stepBytes)) * stepBytes);
  for (let position = start; position < end;) {
    const wanted = Math.min(chunk.length, end - position);
    const { bytesRead } = await file.read(chunk, 0, wanted, position);
    if (bytesRead === 0) return;
    for (let at = 0; at < bytesRead; at += stepBytes) {
      const loudness = peakOf(chunk.subarray(at, Math.min(at + stepBytes, bytesRead)), samples);
      yield { at: (position - start + at) / bytesPerSecond, loudness };
    }
    position += bytesRead;
  }
}

function peakOf(piece: Buffer, { bytes, read }: SampleFormat): number {
  let peak = 0;
  for (let at = 0; at + bytes <= piece.length; at += bytes) {
    const loudness = Math.abs(read(piece, at));
    if (loudness > peak) peak = loudness;
  }
  return peak;
}

async function findSamples(file: FileHandle): Promise<Samples | undefined> {
  const { size } = await file.stat();
  let format: SampleFormat | undefined;
  let at = 12;
  for (let count = 0; count < maxChunks && at + 8 <= size; count++) {
    const { buffer } = await file.read(Buffer.alloc(48), 0, 48, at);
    const length = buffer.readUInt32LE(4);
    const name = buffer.toString('latin1', 0, 4);
    if (name === 'fmt ') format = formatOf(buffer);
    if (name === 'data') return format && { ...format, start: at + 8, end: Math.min(size, at + 8 + length) };
    at += 8 + length + (length % 2);
  }
  return undefined;
}

/** @param chunk from its name on. */
function formatOf(chunk: Buffer): SampleFormat | undefined {
  const extensible = 0xfffe;
  const code = chunk.readUInt16LE(8);
  const bits = chunk.readUInt16LE(22);
  const read = readers[`${code === extensible ? chunk.readUInt16LE(32) : code}/${bits}`];
  const bytesPerSecond = chunk.readUInt32LE(16);
  return read === undefined || bytesPerSecond === 0 ? undefined : { bytesPerSecond, bytes: bits / 8, read };
}

/** By the code of the format (1 whole numbers, 3 floating point) and the bits of a sample. */
const readers: Readonly<Record<string, SampleFormat['read']>> = {
  '1/8': (buffer, at) => (buffer.readUInt8(at) - 128) / 128,
  '1/16': (buffer, at) => buffer.readInt16LE(at) / 0x8000,
  '1/24': (buffer, at) => buffer.readIntLE(at, 3) / 0x800000,
  '1/32': (buffer, at) => buffer.readInt32LE(at) / 0x80000000,
  '3/32': (buffer, at) => buffer.readFloatLE(at),
};
