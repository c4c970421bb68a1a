import { type FileHandle, open } from 'node:fs/promises';
import { type FileType, fileTypes } from '../type/file.types';
import { ByteReader } from './byte.reader';
import { LoudnessLine } from './loudness.line';
import { type Gain, readMp3Gains } from './mp3.frames';
import { readOggFrames } from './ogg.frames';
import { readWavPeaks } from './wav.peaks';
import { type Frame, readWebmFrames } from './webm.frames';

export interface Shape {
  /** Loudness over time in equal steps, 0 to 100; null where the file tells nothing of it. */
  readonly waveform: number[] | null;
  /** When the last of it begins, in seconds; null where nothing is told of its time. */
  readonly lastAt: number | null;
}

/**
 * How loud a recording is over time. It is not decoded: a WAV is there to be read, and an MP3 says itself how loud it is. Of
 * Ogg and WebM it is an estimate by how much the encoder had to write down, which tells speech from silence. M4A tells nothing.
 */
export async function readShape(path: string, type: FileType): Promise<Shape> {
  const file = await open(path, 'r');
  try {
    const line = new LoudnessLine();
    let lastAt: number | null = null;
    for await (const { at, loudness } of momentsOf(file, type)) {
      line.add(at, loudness);
      lastAt = Math.max(lastAt ?? 0, at);
    }
    return { waveform: line.toWaveform(), lastAt };
  } finally {
    await file.close();
  }
}

function momentsOf(file: FileHandle, type: FileType): AsyncIterable<Gain> | Iterable<Gain> {
  switch (type) {
    case fileTypes.wav:
      return readWavPeaks(file);
    case fileTypes.mp3:
      return readMp3Gains(new ByteReader(file));
    case fileTypes.ogg:
      return bySize(readOggFrames(new ByteReader(file)));
    case fileTypes.webm:
      return bySize(readWebmFrames(new ByteReader(file)));
    default:
      return [];
  }
}

async function* bySize(frames: AsyncIterable<Frame>): AsyncGenerator<Gain> {
  for await (const { at, bytes } of frames) yield { at, loudness: bytes };
}
