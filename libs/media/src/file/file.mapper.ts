import type { AttachmentView, FileId, FileKind } from '@parley/contracts';

/** A file as `fileColumns` reads it. */
export interface FileRow {
  readonly id: string;
  readonly conversation_id: string;
  readonly uploader_id: string;
  readonly kind: FileKind;
  readonly file_name: string;
  readonly mime_type: string;
  readonly size: string;
  readonly storage_key: string;
  readonly thumbnail_key: string | null;
  readonly compressed_key: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly duration: number | null;
  readonly waveform: number[] | null;
  readonly created_at: string;
}

export function toAttachmentView(row: FileRow): AttachmentView {
  const url = `/api/files/${row.id}`;
  return {
    id: row.id as FileId,
    file_name: row.file_name,
    file_size: Number(row.size),
    mime_type: row.mime_type,
    kind: row.kind,
    url,
    thumbnail_url: row.thumbnail_key === null ? null : `${url}/thumbnail`,
    compressed_url: row.compressed_key === null ? null : `${url}/compressed`,
    width: row.width,
    height: row.height,
    duration: row.duration,
    waveform: row.waveform,
    created_at: row.created_at,
  };
}

/** All keys under which a file has bytes. */
export function storageKeysOf(row: Pick<FileRow, 'storage_key' | 'thumbnail_key' | 'compressed_key'>): string[] {
  return [row.storage_key, row.thumbnail_key, row.compressed_key].filter((key) => key !== null);
}
