import type { Readable } from 'node:stream';
import type { AttachmentView, ConversationId, FileId, FileKind, UserId } from '@parley/contracts';

export type FileVariant = 'original' | 'thumbnail' | 'compressed';

/** An upload of somebody who may upload there. */
export interface UploadRequest {
  readonly uploaderId: UserId;
  readonly conversationId: ConversationId;
  /** Of the body: `multipart/form-data; boundary=…`. */
  readonly contentType: string;
  /** Of the body in bytes, where the client tells. */
  readonly contentLength?: number | undefined;
  /** Refuse files of other kinds. */
  readonly kind?: FileKind | undefined;
  /** Read no faster than the service takes it, and left where it stands when the upload is refused. */
  readonly body: Readable;
}

export interface DownloadRequest {
  readonly fileId: FileId;
  readonly variant: FileVariant;
  /** Who asks; null where a signed link does. */
  readonly userId: UserId | null;
  readonly isHead: boolean;
  /** The client's own, names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** An HTTP answer. Whoever gets it reads `body` to its end, or destroys it. */
export interface DownloadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable | null;
}

/** The way of bytes to and from the service that keeps them: never over the bus, and never whole in memory. */
export abstract class MediaTransport {
  /** @throws AppError what the service answered, or `service_unavailable`: nothing is kept then. */
  abstract upload(request: UploadRequest): Promise<AttachmentView[]>;

  /** @throws AppError what the service answered, or `service_unavailable`. */
  abstract download(request: DownloadRequest): Promise<DownloadAnswer>;

  /** Does the service answer, and its storage? */
  abstract isUp(): Promise<boolean>;
}
