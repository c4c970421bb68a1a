import { randomBytes } from 'node:crypto';
import { FileAccessConfig } from '@parley/config';
import type { FileId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { Signer } from '@parley/signing';
import type { FileVariant } from './media.transport';

/** A link that works without a token, for whoever has it. */
export interface FileLink {
  /** A path of this server, with its query. */
  readonly url: string;
  /** Until when it works, UTC. */
  readonly expiresAt: string;
}

const defaultTtlSeconds = 604_800;

/**
 * Signs links to files, and tells good ones. A link is good for the file and its variants until it expires or the file's
 * message is deleted; on every gateway that has the same secret.
 */
@Injectable()
export class FileLinks {
  private readonly signer: Signer;
  private readonly ttlSeconds: number;

  constructor(@Optional() @Inject(FileAccessConfig.token) config?: FileAccessConfig) {
    this.signer = new Signer(config?.secret ?? randomBytes(32).toString('hex'), 'parley:file-links');
    this.ttlSeconds = config?.linkTtlSeconds ?? defaultTtlSeconds;
  }

  /** Whoever signs has made sure that the link's reader may have the file. */
  sign(fileId: FileId, ttlSeconds = this.ttlSeconds, variant: FileVariant = 'original'): FileLink {
    const expires = Math.floor(Date.now() / 1_000) + ttlSeconds;
    const path = `/api/files/${fileId}${variant === 'original' ? '' : `/${variant}`}`;
    const query = new URLSearchParams({
      expires: String(expires),
      signature: this.signer.sign(textOf(fileId, expires)),
    });
    return { url: `${path}?${query.toString()}`, expiresAt: new Date(expires * 1_000).toISOString() };
  }

  /** @throws AppError `link_invalid` for a signature that is not ours, or one that has expired. */
  check(fileId: FileId, expires: string, signature: string): void {
    const isNumber = /^\d{1,12}$/.test(expires);
    const isSigned = this.signer.isSigned(textOf(fileId, isNumber ? Number(expires) : 0), signature);
    if (!isNumber || !isSigned || Number(expires) * 1_000 < Date.now()) throw new AppError('link_invalid');
  }
}

function textOf(fileId: FileId, expires: number): string {
  return `${fileId}\n${expires}`;
}
