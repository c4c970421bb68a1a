import type { ConversationId, FileId, FileKind, UserId } from '@parley/contracts';
import { Database } from '@parley/database';
import { MediaConfig } from '@parley/config';
import { Inject, Injectable } from '@nestjs/common';
import type { FileRow } from './file.mapper';

/** A file that is to be kept. */
export interface NewFile {
  readonly id: FileId;
  readonly conversationId: ConversationId;
  readonly uploaderId: UserId;
  readonly kind: FileKind;
  readonly fileName: string;
  readonly mimeType: string;
  /** In bytes. */
  readonly size: number;
  readonly storageKey: string;
  readonly thumbnailKey: string | null;
  readonly compressedKey: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** In seconds. */
  readonly duration: number | null;
  readonly waveform: readonly number[] | null;
}

/** A file that is due to be looked after. */
export interface DueFile {
  readonly id: FileId;
  readonly conversation_id: ConversationId;
  /** `pending`: its upload never ended. `doomed`: nobody seemed to hold it when it was last looked at. */
  readonly state: 'pending' | 'ready' | 'doomed';
  readonly storage_key: string;
  readonly thumbnail_key: string | null;
  readonly compressed_key: string | null;
}

/** How long an upload may take to be stored before it is taken for dead, in seconds. */
const storingSeconds = 3_600;
/** How long whoever claims due files has for them; then they are due again, in seconds. */
const claimSeconds = 600;
/**
 * How long a doomed file waits before it goes, in seconds: longer than any send that was told of it before may take to
 * commit.
 */
const doomSeconds = 60;
/** How often it is asked again whether what was attached still is, in days: a release may have been lost. */
const recheckDays = 30;

const fileColumns = `
  f.id, f.conversation_id, f.uploader_id, f.kind, f.file_name, f.mime_type, f.size, f.storage_key, f.thumbnail_key,
  f.compressed_key, f.width, f.height, f.duration, f.waveform, f.created_at`;

const insert = `
  INSERT INTO files AS f (
    id, conversation_id, uploader_id, kind, file_name, mime_type, size, storage_key, thumbnail_key, compressed_key,
    width, height, duration, waveform, state, sweep_at
  )
  SELECT n.id, n.conversation_id, n.uploader_id, n.kind, n.file_name, n.mime_type, n.size, n.storage_key,
    n.thumbnail_key, n.compressed_key, n.width, n.height, n.duration,
    CASE WHEN n.waveform IS NOT NULL THEN ARRAY(SELECT w.peak::int4 FROM jsonb_array_elements_text(n.waveform) AS w (peak)) END,
    'pending', now() + make_interval(secs => ${storingSeconds})
  FROM jsonb_to_recordset($1::jsonb) AS n (
    id text, conversation_id bigint, uploader_id text, kind text, file_name text, mime_type text, size bigint,
    storage_key text, thumbnail_key text, compressed_key text, width int4, height int4, duration float8, waveform jsonb
  )`;

const publish = `
  UPDATE files f
  SET state = 'ready', sweep_at = now() + make_interval(hours => $2)
  WHERE f.id = ANY ($1::text[]) AND f.state = 'pending'
  RETURNING ${fileColumns}`;

const find = `SELECT ${fileColumns} FROM files f WHERE f.id = $1 AND f.state <> 'pending'`;

const listOwned = `
  SELECT ${fileColumns}
  FROM files f
  WHERE f.id = ANY ($1::text[]) AND f.uploader_id = $2 AND f.conversation_id = $3 AND f.state = 'ready'`;

const claimed = `f.id, f.conversation_id, f.state, f.storage_key, f.thumbnail_key, f.compressed_key`;

const claimDue = `
  UPDATE files f
  SET sweep_at = now() + make_interval(secs => ${claimSeconds})
  WHERE f.id IN (
    SELECT due.id FROM files due WHERE due.sweep_at < now() ORDER BY due.sweep_at LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  RETURNING ${claimed}`;

const claim = `
  UPDATE files f
  SET sweep_at = now() + make_interval(secs => ${claimSeconds})
  WHERE f.id = ANY ($1::text[])
  RETURNING ${claimed}`;

const doom = `
  UPDATE files f
  SET state = 'doomed', sweep_at = now() + make_interval(secs => ${doomSeconds})
  WHERE f.id = ANY ($1::text[]) AND f.state = 'ready'`;

const keep = `
  UPDATE files f
  SET state = 'ready', attached_at = now(), sweep_at = now() + make_interval(days => ${recheckDays})
  WHERE f.id = ANY ($1::text[]) AND f.state <> 'pending'`;

/** The rows of files. */
@Injectable()
export class FileRepository {
  constructor(
    private readonly database: Database,
    @Inject(MediaConfig.token) private readonly config: MediaConfig,
  ) {}

  /** Notes files whose bytes are about to be stored: nobody sees them yet, and after a crash they are swept. */
  async insertPending(files: readonly NewFile[]): Promise<void> {
    await this.database.query('file_insert', insert, [JSON.stringify(files.map(toRecord))]);
  }

  /** Shows files whose bytes are stored. @returns them, in any order. */
  publish(ids: readonly FileId[]): Promise<FileRow[]> {
    return this.database.query<FileRow>('file_publish', publish, [ids, this.config.unattachedHours]);
  }

  /** A file that was uploaded to its end. */
  async find(id: FileId): Promise<FileRow | undefined> {
    const [row] = await this.database.query<FileRow>('file_find', find, [id]);
    return row;
  }

  /** Those of `ids` that this user uploaded to this conversation, in any order. */
  listOwned(ids: readonly FileId[], ownerId: UserId, conversationId: ConversationId): Promise<FileRow[]> {
    return this.database.query<FileRow>('file_list_owned', listOwned, [ids, ownerId, conversationId]);
  }

  /** Takes files that are due to be looked after, the longest due first: no other process has them for ten minutes. */
  claimDue(limit: number): Promise<DueFile[]> {
    return this.database.query<DueFile>('file_claim_due', claimDue, [limit]);
  }

  /** Takes these files to look after them, due or not. */
  claim(ids: readonly FileId[]): Promise<DueFile[]> {
    return this.database.query<DueFile>('file_claim', claim, [ids]);
  }

  /** From here on nobody can send them; in a minute they are due again. */
  async doom(ids: readonly FileId[]): Promise<void> {
    await this.database.query('file_doom', doom, [ids]);
  }

  /** They are in messages: due again in a month. */
  async keep(ids: readonly FileId[]): Promise<void> {
    await this.database.query('file_keep', keep, [ids]);
  }

  async remove(ids: readonly FileId[]): Promise<void> {
    await this.database.query('file_remove', 'DELETE FROM files f WHERE f.id = ANY ($1::text[])', [ids]);
  }
}

function toRecord(file: NewFile) {
  return {
    id: file.id,
    conversation_id: file.conversationId,
    uploader_id: file.uploaderId,
    kind: file.kind,
    file_name: file.fileName,
    mime_type: file.mimeType,
    size: file.size,
    storage_key: file.storageKey,
    thumbnail_key: file.thumbnailKey,
    compressed_key: file.compressedKey,
    width: file.width,
    height: file.height,
    duration: file.duration,
    waveform: file.waveform,
  };
}
