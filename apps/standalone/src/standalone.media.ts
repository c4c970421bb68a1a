import { Global, Module } from '@nestjs/common';
import { mediaInProcess, type MediaTransport } from '@parley/gateway';
import { DownloadService, MediaModule, UploadService } from '@parley/media';

/** Files in this process: the gateway hands bytes to the service directly, as they come. */
@Global()
@Module({
  imports: [MediaModule],
  providers: [
    {
      provide: mediaInProcess,
      inject: [UploadService, DownloadService],
      useFactory: (uploads: UploadService, downloads: DownloadService): MediaTransport => ({
        upload: (request) => uploads.upload(request),
        download: (request) => downloads.open(request),
        // The storage tells by itself.
        isUp: () => Promise.resolve(true),
      }),
    },
  ],
  exports: [mediaInProcess],
})
export class StandaloneMedia {}
