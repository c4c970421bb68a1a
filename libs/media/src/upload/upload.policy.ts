import type { MediaConfig } from '@parley/config';
import type { FileKind } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { agrees, type FileType, fileTypes } from '../type/file.types';
import { extensionOf } from './file.name';

/** Files in one upload. */
export const maxFiles = 10;
/** What a form may have beside its files: durations, and fields that nobody asked for. */
export const maxParts = 30;
/** What surrounds the files of a form, generously. */
const maxFormOverheadBytes = 1_048_576;

const mebibyte = 1_048_576;
const maxBytesOfKind: Record<FileKind, number> = { image: 10 * mebibyte, file: 50 * mebibyte, voice: 50 * mebibyte };

/** How far a duration that a client claims may be from the recording's: a second, or this part of it. */
const durationTolerance = 0.05;
const maxDurationSeconds = 24 * 3_600;

/** What a deployment, and the one who asks, allow. */
export type UploadRules = Pick<MediaConfig, 'maxFileBytes' | 'allowedTypes'> & {
  /** Only files of this kind. */
  readonly kind?: FileKind | undefined;
};

/** @throws AppError `file_too_large` before anything is read of a form that cannot be right. */
export function checkFormSize(contentLength: number | undefined, { maxFileBytes }: UploadRules): void {
  if ((contentLength ?? 0) > maxFiles * maxFileBytes + maxFormOverheadBytes) throw tooLarge(maxFileBytes);
}

/** @throws AppError `file_too_large` when a file of this beginning has grown to more `bytes` than it may have. */
export function checkFileSize(bytes: number, beginning: Buffer, { maxFileBytes }: UploadRules): void {
  const ofKind = looksLikeImage(beginning) ? maxBytesOfKind.image : maxBytesOfKind.file;
  const maxBytes = Math.min(ofKind, maxFileBytes);
  if (bytes > maxBytes) throw tooLarge(maxBytes);
}

/** Enough of a file to know the signatures of pictures. */
export const beginningBytes = 12;

function looksLikeImage(beginning: Buffer): boolean {
  const [start, form] = [beginning.toString('latin1', 0, 4), beginning.toString('latin1', 8, 12)];
  return /^(\u00FF\u00D8\u00FF|\u0089PNG|GIF8)/.test(start) || (start === 'RIFF' && form === 'WEBP');
}

/**
 * What is known of a file by its bytes has to be allowed, and what its name and header say has to agree with it.
 *
 * @throws AppError `file_type_not_allowed`
 */
export function checkFileType(
  type: FileType | undefined,
  file: { readonly fileName: string; readonly contentType: string | undefined },
  rules: UploadRules,
): asserts type is FileType {
  const allowed = allowedTypes(rules);
  if (type === undefined || !allowed.includes(type)) {
    const names = allowed.map(({ mimeType }) => mimeType).join(', ');
    throw new AppError('file_type_not_allowed', { detail: `File type not allowed. Allowed types: ${names}` });
  }
  if (!agrees(type, file.contentType, extensionOf(file.fileName))) {
    const detail = `File type not allowed: the file is ${type.mimeType}, and its name or header says otherwise`;
    throw new AppError('file_type_not_allowed', { detail });
  }
}

function allowedTypes({ allowedTypes, kind }: UploadRules): FileType[] {
  const wanted = new Set(allowedTypes.map((name) => name.toLowerCase()));
  return Object.values<FileType>(fileTypes).filter(({ mimeType, aliases, kind: ofType }) => {
    const isWanted = wanted.size === 0 || wanted.has(mimeType) || aliases.some((alias) => wanted.has(alias));
    return isWanted && (kind === undefined || ofType === kind);
  });
}

/** The text of a `duration` field in seconds. @throws AppError `validation_failed` */
export function parseDuration(text: string): number {
  const seconds = /^\d{1,6}(\.\d{1,9})?$/.test(text.trim()) ? Number(text) : NaN;
  if (seconds > 0 && seconds <= maxDurationSeconds) return seconds;
  const message = 'must be a number of seconds above 0';
  throw new AppError('validation_failed', { issues: [{ path: 'duration', message }] });
}

/**
 * How long a recording is: what the file tells, else what the client says.
 *
 * @throws AppError `duration_mismatch` where the two are too far apart.
 */
export function settleDuration(measured: number | null, claimed: number | undefined): number | null {
  if (measured === null || claimed === undefined) return measured ?? claimed ?? null;
  if (Math.abs(measured - claimed) > Math.max(1, measured * durationTolerance)) throw new AppError('duration_mismatch');
  return measured;
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('file_too_large', {
    detail: `File too large. Maximum size: ${(maxBytes / mebibyte).toFixed(1)}MB`,
  });
}
