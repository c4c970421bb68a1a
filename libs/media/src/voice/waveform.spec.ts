import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { anMp3, anOgg, aWav, aWebm, type TestFile } from '@parley/testing';
import { type FileTypeName, fileTypes } from '../type/file.types';
import { LoudnessLine } from './loudness.line';
import { readShape, type Shape } from './waveform';

describe('the shape of a recording', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'parley-voice-'))));
  afterAll(() => rm(folder, { recursive: true }));

  async function shapeOf({ bytes }: Pick<TestFile, 'bytes'>, type: FileTypeName): Promise<Shape> {
    const file = path.join(folder, type);
    await writeFile(file, bytes);
    return readShape(file, fileTypes[type]);
  }

  it('is that of the samples of a WAV', async () => {
    const { waveform, lastAt } = await shapeOf(aWav({ seconds: 2 }), 'wav');
    expect(waveform).toHaveLength(64);
    expect(waveform?.map((loudness, i) => Math.abs(loudness - (i * 100) / 63) < 4)).toEqual(Array(64).fill(true));
    expect(lastAt).toBeCloseTo(2, 1);
  });

  it('is what an MP3 says of itself, in decibels', async () => {
    // Four steps of the gain are half the loudness.
    const { waveform } = await shapeOf(anMp3({ gains: [200, 204, 196, 204] }), 'mp3');
    expect(waveform).toEqual([50, 100, 25, 100]);
    expect((await shapeOf(anMp3({ seconds: 1 }), 'mp3')).waveform?.every((loudness) => loudness === 0)).toBe(true);
  });

  it('is told by the frames of WebM and Ogg, and so is where they end', async () => {
    const frames = [10, 100, 50, 600, 300];
    const expected = frames.map((bytes) => Math.round(bytes / 6));
    const webm = await shapeOf(aWebm({ frames }), 'webm');
    expect(webm.waveform).toEqual(expected);
    expect(webm.lastAt).toBeCloseTo(0.08, 5);
    expect((await shapeOf(anOgg({ frames }), 'ogg')).waveform).toEqual(expected);
  });

  it.each(['webm', 'ogg', 'mp3', 'wav', 'm4a'] as const)(
    'is nothing, and soon, where a file is no %s',
    async (type) => {
      for (const bytes of [
        Buffer.alloc(0),
        Buffer.alloc(2_000_000, 0xff),
        Buffer.alloc(2_000_000),
        Buffer.from('OggS\x1a\x45\xdf\xa3RIFF'),
      ]) {
        expect((await shapeOf({ bytes }, type)).waveform).toBeNull();
      }
    },
  );
});

describe('a line of loudness', () => {
  it('is put into 64 steps by the loudest of each', () => {
    const line = new LoudnessLine();
    expect(line.toWaveform()).toBeNull();
    for (let moment = 0; moment < 6_400; moment++)
      line.add(moment / 50, moment % 100 === 7 ? 10 * Math.ceil(moment / 100) : 1);
    expect(line.toWaveform()).toEqual(Array.from({ length: 64 }, (_, i) => Math.round(((i + 1) * 100) / 64)));
  });

  it('keeps its place where nothing is told of a time, and bounds itself', () => {
    const line = new LoudnessLine();
    line.add(0, 5);
    line.add(0.1, 10);
    line.add(1e12, 10);
    line.add(-1, 5);
    expect(line.toWaveform()).toEqual([50, 0, 0, 0, 0, 100]);
  });
});
