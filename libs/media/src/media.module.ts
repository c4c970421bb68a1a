import { Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { MediaConfig } from '@parley/config';
import { HealthService } from '@parley/observability';
import { DownloadService } from './download/download.service';
import { FileController } from './file/file.controller';
import { FileReader } from './file/file.reader';
import { FileRepository } from './file/file.repository';
import { FileSweeper } from './file/file.sweeper';
import { ImageProcessor } from './image/image.processor';
import { ClamavScanner } from './scan/clamav.scanner';
import { NoVirusScanner, VirusScanner } from './scan/virus.scanner';
import { FileStorage } from './storage/file.storage';
import { openStorage } from './storage/open.storage';
import { FileInspector } from './upload/file.inspector';
import { FileKeeper } from './upload/file.keeper';
import { UploadFolders } from './upload/upload.folder';
import { UploadService } from './upload/upload.service';
import { VoiceReader } from './voice/voice.reader';

/** The service that owns files. Needs DatabaseModule, BusModule, HealthModule and MediaConfig. */
@Module({
  controllers: [FileController],
  providers: [
    DownloadService,
    FileInspector,
    FileKeeper,
    FileReader,
    FileRepository,
    FileSweeper,
    ImageProcessor,
    UploadFolders,
    UploadService,
    VoiceReader,
    { provide: FileStorage, inject: [MediaConfig.token], useFactory: openStorage },
    {
      provide: VirusScanner,
      inject: [MediaConfig.token],
      useFactory: ({ clamavUrl }: MediaConfig): VirusScanner =>
        clamavUrl === undefined ? new NoVirusScanner() : new ClamavScanner(clamavUrl),
    },
  ],
  exports: [DownloadService, UploadService],
})
export class MediaModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly sweeper: FileSweeper,
    private readonly storage: FileStorage,
    private readonly folders: UploadFolders,
    private readonly health: HealthService,
  ) {}

  onApplicationBootstrap(): void {
    this.health.register({ name: 'storage', needed: false, isUp: () => this.takesUploads() });
    this.sweeper.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.sweeper.stop();
  }

  /** An upload lies on this machine's disk before it is stored. */
  private async takesUploads(): Promise<boolean> {
    const answers = await Promise.all([this.folders.isUp(), this.storage.isUp()]);
    return answers.every((isUp) => isUp);
  }
}
