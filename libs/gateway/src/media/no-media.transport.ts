import { AppError } from '@parley/errors';
import { type DownloadAnswer, MediaTransport } from './media.transport';

/** Where nothing tells how files are reached: uploads and downloads are unavailable, and all else works. */
export class NoMediaTransport extends MediaTransport {
  upload(): Promise<never> {
    return Promise.reject(new AppError('service_unavailable'));
  }

  download(): Promise<DownloadAnswer> {
    return Promise.reject(new AppError('service_unavailable'));
  }

  isUp(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
