import { type AttachmentView, FileId } from '@parley/contracts';

/** An attachment's view with valid defaults: a document. */
export function anAttachment(fields: Partial<AttachmentView> = {}): AttachmentView {
  const id = fields.id ?? FileId.parse('00000000-0000-4000-8000-000000000001');
  return {
    id,
    file_name: 'notes.pdf',
    file_size: 1_234,
    mime_type: 'application/pdf',
    kind: 'file',
    url: `/api/files/${id}`,
    thumbnail_url: null,
    compressed_url: null,
    width: null,
    height: null,
    duration: null,
    waveform: null,
    created_at: '2026-01-20T10:00:00.000Z',
    ...fields,
  };
}
