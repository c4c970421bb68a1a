import { FileId } from '@parley/contracts';
import { AppError } from '@parley/errors';

/**
 * The files that a client names, each once.
 *
 * @throws AppError `attachment_not_found` for what can be no file's id, `attachment_already_used` for one named twice.
 */
export function parseAttachmentIds(ids: readonly string[]): FileId[] {
  const parsed = ids.map((id, i) => {
    const fileId = FileId.safeParse(id);
    if (!fileId.success) throw new AppError('attachment_not_found', { issues: [missing(i)] });
    return fileId.data;
  });
  if (new Set(parsed).size < parsed.length) throw new AppError('attachment_already_used');
  return parsed;
}

function missing(index: number) {
  return { path: `attachment_ids.${index}`, message: 'is not an upload of yours to this conversation' };
}
