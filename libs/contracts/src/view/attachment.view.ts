import { z } from 'zod';
import { FileId } from '../ids';
import { Timestamp } from '../text';

export const FileKind = z.enum(['image', 'file', 'voice']);
export type FileKind = z.infer<typeof FileKind>;

/**
 * An uploaded file as clients see it, in messages too. The URLs are paths of this server that never change and say nothing
 * of who may follow them.
 */
export const AttachmentView = z
  .object({
    id: FileId,
    file_name: z.string().meta({ example: 'sunset.jpg' }),
    /** In bytes, as it is downloaded: pictures are written anew when they are uploaded. */
    file_size: z.number().int().meta({ example: 48_213 }),
    mime_type: z.string().meta({ example: 'image/jpeg' }),
    kind: FileKind,
    url: z.string().meta({ example: '/api/files/0b9f3c1e-5d7a-4e57-9c53-6a1d2e3f4b5c' }),
    /** A picture in small, of at most 320 by 320 pixels. */
    thumbnail_url: z.string().nullable(),
    /** A picture in fewer bytes, to look at; null where that saves nothing. */
    compressed_url: z.string().nullable(),
    /** Of a picture, in pixels, as it is to be shown. */
    width: z.number().int().nullable(),
    height: z.number().int().nullable(),
    /** Of a voice message, in seconds. */
    duration: z.number().nullable(),
    /** Of a voice message: its loudness over time in at most 64 equal steps, 0 to 100; null where it is not known (M4A). */
    waveform: z.array(z.number().int()).nullable(),
    created_at: Timestamp,
  })
  .meta({ id: 'Attachment' });
export type AttachmentView = z.infer<typeof AttachmentView>;
