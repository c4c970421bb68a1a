import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { FileAccessConfig } from '@parley/config';
import { HealthService } from '@parley/observability';
import { FileLinks } from './file.links';
import { FileUploader } from './file.uploader';
import { HttpMediaTransport } from './http-media.transport';
import { MediaTransport } from './media.transport';
import { NoMediaTransport } from './no-media.transport';

/** Nest's token of a MediaTransport within the process, where the service runs in it. */
export const mediaInProcess = Symbol('MediaInProcess');

/**
 * The way to files. With the service in the process ({@link mediaInProcess}) bytes go there directly, with FileAccessConfig
 * alone over HTTP, without either nowhere.
 */
@Module({
  providers: [
    FileLinks,
    FileUploader,
    {
      provide: MediaTransport,
      inject: [
        { token: mediaInProcess, optional: true },
        { token: FileAccessConfig.token, optional: true },
      ],
      useFactory: (inProcess?: MediaTransport, config?: FileAccessConfig): MediaTransport =>
        inProcess ?? (config ? new HttpMediaTransport(config) : new NoMediaTransport()),
    },
  ],
  exports: [FileLinks, FileUploader, MediaTransport],
})
export class FilesModule implements OnApplicationShutdown {
  constructor(
    private readonly media: MediaTransport,
    health: HealthService,
  ) {
    health.register({ name: 'media', needed: false, isUp: () => media.isUp() });
  }

  onApplicationShutdown(): void {
    if (this.media instanceof HttpMediaTransport) this.media.close();
  }
}
