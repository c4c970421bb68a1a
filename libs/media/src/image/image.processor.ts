import { stat } from 'node:fs/promises';
import { MediaConfig } from '@parley/config';
import { AppError } from '@parley/errors';
import { Inject, Injectable } from '@nestjs/common';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { Slots } from '../slots';
import { type FileType, fileTypes } from '../type/file.types';

/** All frames of an animation together, in pixels. */
const maxPixels = 50_000_000;
const thumbnailSide = 320;
/** Of the compressed variant, or of what is kept instead of an original. */
const compressedSide = 2_048;
/** Pictures of fewer bytes are quick enough as they are. */
const minCompressedBytes = 65_536;
/** A variant that is not at least this much smaller is not worth its room. */
const worthwhile = 0.8;
const originalQuality = 90;

/**
 * A decoded picture may take up to 12 bytes a pixel: pictures are worked on side by side only as far as their pixels
 * together are those of one large one, and two at a time.
 */
const maxPixelsAtATime = maxPixels;
const maxPicturesAtATime = 2;

/** Nothing that is honest takes longer, in seconds. */
const maxSeconds = 60;

/** Loads what is accepted and nothing else; a picture is decoded in one thread, and nothing of it is kept in memory. */
function confineLibrary(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadNsgif', 'VipsForeignLoadWebp'],
  });
  sharp.concurrency(1);
  sharp.cache(false);
}

/** A picture as it is kept: local files that take the place of the one that was uploaded. */
export interface ProcessedImage {
  readonly width: number;
  readonly height: number;
  /** WebP. */
  readonly thumbnail: string;
  /** WebP; undefined where it would save too little. */
  readonly compressed: string | undefined;
}

/** Writes pictures anew: what a camera or an attacker put beside the pixels is gone, and they stand upright. */
@Injectable()
export class ImageProcessor {
  private readonly slots = new Slots(maxPixelsAtATime);

  constructor(@Inject(MediaConfig.token) private readonly config: MediaConfig) {
    confineLibrary();
  }

  /**
   * Replaces a picture by what is to be kept of it, and makes its variants beside it (`<file>.thumbnail`, `<file>.compressed`).
   *
   * @param target where the picture is written to.
   * @throws AppError `image_too_large` before anything is decoded; `file_damaged` for what cannot be decoded to its end.
   */
  async process(file: string, type: FileType, target: string): Promise<ProcessedImage> {
    try {
      const measures = measure(await sharp(file, { animated: true }).metadata());
      const weight = Math.max(measures.pixels, maxPixelsAtATime / maxPicturesAtATime);
      return await this.slots.use(() => this.write(file, type, target, measures), weight);
    } catch (cause) {
      throw toFailure(cause);
    }
  }

  private async write(file: string, type: FileType, target: string, measures: Measures): Promise<ProcessedImage> {
    const { isAnimated, hasPalette } = measures;
    const image = sharp(file, { ...input, animated: isAnimated }).timeout({ seconds: maxSeconds });
    // An animation has no way to lie on its side.
    if (!isAnimated) image.autoOrient();
    if (!this.config.keepOriginals) fit(image, compressedSide);
    await encode(image, type, target, hasPalette);
    const { width, height } = measure(await sharp(target, { animated: true }).metadata());
    const thumbnail = `${target}.thumbnail`;
    await fit(sharp(target, input), thumbnailSide).webp(variant).toFile(thumbnail);
    const compressed = this.config.keepOriginals && !isAnimated ? await this.compress(target) : undefined;
    return { width, height, thumbnail, compressed };
  }

  private async compress(target: string): Promise<string | undefined> {
    const before = (await stat(target)).size;
    if (before < minCompressedBytes) return undefined;
    const compressed = `${target}.compressed`;
    const { size } = await fit(sharp(target, input), compressedSide).webp(variant).toFile(compressed);
    return size < before * worthwhile ? compressed : undefined;
  }
}

/** What is missing in a file is not made up. (Mere warnings are left: cameras write odd files.) */
const input = { limitInputPixels: maxPixels, sequentialRead: true, failOn: 'error' } as const;

/** Of the variants: little work, and small. */
const variant = { quality: 78, effort: 2 } as const;

interface Measures {
  /** Of one frame. */
  readonly width: number;
  readonly height: number;
  /** Of all frames together. */
  readonly pixels: number;
  readonly isAnimated: boolean;
  readonly hasPalette: boolean;
}

/** Reads the header alone. @throws AppError `image_too_large` */
function measure({ width, height, pages = 1, pageHeight = height, isPalette = false }: Metadata): Measures {
  const pixels = width * pageHeight * pages;
  if (pixels > maxPixels) throw new AppError('image_too_large');
  return { width, height: pageHeight, pixels, isAnimated: pages > 1, hasPalette: isPalette };
}

function fit(image: Sharp, side: number): Sharp {
  return image.resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true });
}

/** In the format that it had; without metadata, which is what sharp writes unless it is asked for it. */
async function encode(image: Sharp, type: FileType, target: string, hasPalette: boolean): Promise<void> {
  switch (type) {
    case fileTypes.jpeg:
      image.jpeg({ quality: originalQuality, chromaSubsampling: '4:2:0' });
      break;
    case fileTypes.png:
      image.png(hasPalette ? { palette: true, quality: 100, dither: 0, effort: 3 } : { compressionLevel: 6 });
      break;
    case fileTypes.gif:
      image.gif({ effort: 4, reuse: true });
      break;
    default:
      image.webp({ quality: originalQuality, effort: 2 });
  }
  await image.toFile(target);
}

function toFailure(cause: unknown): unknown {
  if (cause instanceof AppError) return cause;
  if (!(cause instanceof Error)) return cause;
  if (/pixel limit/i.test(cause.message)) return new AppError('image_too_large', { cause });
  if (/no space|write failed|unable to open.*for writ|system error/i.test(cause.message)) {
    return new AppError('service_unavailable', { cause });
  }
  return new AppError('file_damaged', { cause });
}
