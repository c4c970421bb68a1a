import { rename } from 'node:fs/promises';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { parseFile } from 'music-metadata';
import { type FileType, type FileTypeName, fileTypes } from '../type/file.types';
import { Slots } from '../slots';
import { readShape } from './waveform';

/** Reading a recording goes through all of it. */
const maxRecordingsAtATime = 2;

/** Extensions that choose the parser. */
const parsers: Partial<Record<FileTypeName, string>> = { mp3: 'mp3', wav: 'wav', ogg: 'ogg', webm: 'mka', m4a: 'm4a' };

export interface Recording {
  /** Where the file is now: it was given a name that its parser goes by. */
  readonly path: string;
  /** In seconds; null where the file does not tell. */
  readonly duration: number | null;
  /** 0 to 100, in equal steps; null where nothing is told of it. */
  readonly waveform: readonly number[] | null;
}

/** Reads what a player has to know of a recording. */
@Injectable()
export class VoiceReader {
  private readonly slots = new Slots(maxRecordingsAtATime);

  /** @throws AppError `file_type_not_allowed` for a film, `file_damaged` for what holds no sound. */
  read(file: string, type: FileType): Promise<Recording> {
    return this.slots.use(async () => {
      const path = `${file}.${parsers[nameOf(type)]}`;
      await rename(file, path);
      const format = await readFormat(path, type);
      if (format.hasVideo)
        throw new AppError('file_type_not_allowed', { detail: 'File type not allowed: it is a film' });
      if (!format.hasSound) throw new AppError('file_damaged', { detail: 'The recording cannot be read' });
      const { waveform, lastAt } = await readShape(path, type);
      // Browsers record WebM without a length: it is that of its last frame.
      return { path, duration: format.duration ?? (lastAt ? rounded(lastAt) : null), waveform };
    });
  }
}

interface Format {
  readonly duration: number | null;
  readonly hasVideo: boolean;
  readonly hasSound: boolean;
}

async function readFormat(file: string, type: FileType): Promise<Format> {
  try {
    const { format } = await parseFile(file, { duration: true, skipCovers: true });
    const { duration, hasVideo = false, hasAudio = false, codec, sampleRate, numberOfSamples } = format;
    const hasSound = hasAudio || codec !== undefined || sampleRate !== undefined || (numberOfSamples ?? 0) > 0;
    const isTold = duration !== undefined && Number.isFinite(duration) && duration > 0;
    return { duration: isTold ? rounded(duration) : null, hasVideo, hasSound };
  } catch (cause) {
    throw new AppError('file_damaged', { detail: `The recording is no ${nameOf(type).toUpperCase()}`, cause });
  }
}

/** To the millisecond. */
const rounded = (seconds: number): number => Math.round(seconds * 1_000) / 1_000;

function nameOf(type: FileType): FileTypeName {
  const names = Object.keys(fileTypes) as FileTypeName[];
  return names.find((name) => fileTypes[name] === type) ?? 'txt';
}
