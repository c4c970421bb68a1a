import path from 'node:path';
import type { MediaConfig } from '@parley/config';
import { DiskFileStorage } from './disk-file.storage';
import type { FileStorage } from './file.storage';

/** The storage that is configured. What S3 needs is loaded only for S3. */
export async function openStorage(config: MediaConfig): Promise<FileStorage> {
  if (config.storage === 'disk') return new DiskFileStorage(path.resolve(config.dataDir, 'media', 'files'));
  const { S3FileStorage } = await import('./s3-file.storage');
  return new S3FileStorage(config);
}
