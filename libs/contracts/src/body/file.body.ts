import { z } from 'zod';

/** A link works for 30 days at most. */
const maxLinkSeconds = 30 * 24 * 3_600;

export const CreateFileLinkBody = z
  .object({
    /** In seconds; the deployment's `FILE_LINK_TTL_SECONDS` where it is absent. */
    expires_in: z.number().int().min(1).max(maxLinkSeconds).nullish(),
  })
  .meta({ id: 'CreateFileLink', example: { expires_in: 3600 } });
export type CreateFileLinkBody = z.infer<typeof CreateFileLinkBody>;
