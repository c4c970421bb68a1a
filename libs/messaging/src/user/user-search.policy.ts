import type { SearchableField } from '@parley/config';
import type { RequestOf, SearchUsers } from '@parley/contracts';
import { AppError } from '@parley/errors';

/** Patterns of LIKE; null for a field that is not looked at. */
export interface SearchPlan {
  readonly email: string | null;
  readonly username: string | null;
  readonly displayName: string | null;
}

/** Characters from which on the beginning of an e-mail address is enough: below, strangers would just walk the alphabet. */
const minEmailPrefix = 3;

/**
 * What a search looks for. Blanks around a word do not count, and an empty one is none.
 *
 * @returns undefined where nobody can be found: what is asked for may not be searched by.
 * @throws AppError `validation_failed` when nothing is asked for.
 */
export function planSearch(
  { email, q }: Pick<RequestOf<typeof SearchUsers>, 'email' | 'q'>,
  searchable: readonly SearchableField[],
): SearchPlan | undefined {
  const address = wordOf(email);
  const name = wordOf(q);
  if (address === null && name === null) {
    throw new AppError('validation_failed', { issues: [{ path: 'q', message: 'or email is needed' }] });
  }
  const patternFor = (field: SearchableField, pattern: string | null) => (searchable.includes(field) ? pattern : null);
  const namePattern = name && prefixPattern(name);
  const plan = {
    email: patternFor('email', address && emailPattern(address)),
    username: patternFor('username', namePattern),
    displayName: patternFor('display_name', namePattern),
  };
  const finds = {
    address: address === null || plan.email !== null,
    name: name === null || plan.username !== null || plan.displayName !== null,
  };
  return finds.address && finds.name ? plan : undefined;
}

function wordOf(asked: string | undefined): string | null {
  return asked?.trim() || null;
}

function emailPattern(address: string): string {
  return Array.from(address).length < minEmailPrefix ? literal(address) : prefixPattern(address);
}

function prefixPattern(prefix: string): string {
  return `${literal(prefix)}%`;
}

/** What LIKE takes for itself. */
function literal(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
