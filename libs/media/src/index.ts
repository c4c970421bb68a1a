export {
  type DownloadAnswer,
  type DownloadRequest,
  DownloadService,
  type FileVariant,
} from './download/download.service';
export { createMediaApp } from './http/media.app';
export { MediaHttpModule } from './http/media-http.module';
export { MediaModule } from './media.module';
export { type UploadRequest, UploadService } from './upload/upload.service';
