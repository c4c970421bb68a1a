import { stat } from 'node:fs/promises';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { ImageProcessor } from '../image/image.processor';
import { VirusScanner } from '../scan/virus.scanner';
import type { FileType } from '../type/file.types';
import { sniffType } from '../type/type.sniffer';
import { VoiceReader } from '../voice/voice.reader';
import { extensionOf, safeFileName } from './file.name';
import type { ReceivedFile } from './form.reader';
import { checkFileType, settleDuration, type UploadRules } from './upload.policy';

/** A file that was found good, as it is to be kept. */
export interface InspectedFile {
  /** Local files, which whoever keeps them takes over. */
  readonly path: string;
  readonly thumbnail: string | undefined;
  readonly compressed: string | undefined;
  readonly fileName: string;
  readonly type: FileType;
  /** Of `path`, in bytes. */
  readonly size: number;
  readonly width: number | null;
  readonly height: number | null;
  /** In seconds. */
  readonly duration: number | null;
  readonly waveform: readonly number[] | null;
}

/** Finds out what a file is, whether it may be kept, and what players and viewers have to know of it. */
@Injectable()
export class FileInspector {
  constructor(
    private readonly images: ImageProcessor,
    private readonly voices: VoiceReader,
    private readonly scanner: VirusScanner,
  ) {}

  /**
   * @param claimDuration gives the duration that the client claims of its next recording.
   * @throws AppError `file_type_not_allowed`, `file_damaged`, `image_too_large`, `duration_mismatch`, `file_infected`;
   *   `service_unavailable` where the scanner or the disk is.
   */
  async inspect(
    file: ReceivedFile,
    rules: UploadRules,
    claimDuration: () => number | undefined,
  ): Promise<InspectedFile> {
    if (file.size === 0) throw new AppError('file_damaged', { detail: 'The file is empty' });
    const type = await sniffType(file.path, extensionOf(safeFileName(file.fileName, '')));
    const fileName = safeFileName(file.fileName, `file.${type?.extensions[0] ?? 'bin'}`);
    checkFileType(type, { fileName, contentType: file.contentType }, rules);
    await this.scanner.scan(file.path);
    const plain = { ...nothingMore, path: file.path, size: file.size, fileName, type };
    switch (type.kind) {
      case 'image':
        return { ...plain, ...(await this.inspectImage(file.path, type)) };
      case 'voice':
        return { ...plain, ...(await this.inspectVoice(file.path, type, claimDuration())) };
      case 'file':
        return plain;
    }
  }

  private async inspectImage(path: string, type: FileType) {
    const target = `${path}.image`;
    const image = await this.images.process(path, type, target);
    return { ...image, path: target, size: (await stat(target)).size };
  }

  private async inspectVoice(path: string, type: FileType, claimed: number | undefined) {
    const { path: kept, duration, waveform } = await this.voices.read(path, type);
    return { path: kept, duration: settleDuration(duration, claimed), waveform };
  }
}

const nothingMore = {
  thumbnail: undefined,
  compressed: undefined,
  width: null,
  height: null,
  duration: null,
  waveform: null,
} as const;
