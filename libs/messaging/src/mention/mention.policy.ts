import type { UserId } from '@parley/contracts';

/** The user id that stands for everybody, in a message's `mentions` and in the table. */
export const everybody = '';

/** Different names after `@` that are looked up of one message, at most; what follows is text like any other. */
const maxNames = 100;

/** The longest name that anybody can have: a user id. */
const maxNameLength = 255;

/** After an `@` that stands at the start of a word. A single class and its repetition: found in one pass, whatever the text. */
const nameAfterAt = /(?<![\p{L}\p{M}\p{N}_+-])@([\p{L}\p{M}\p{N}_.-]+)/gu;

/** Whom a text means to mention. */
export interface MentionedNames {
  /** Of each `@…`, the names that it may be, the longest first: a name may end as a sentence does. */
  readonly names: readonly (readonly string[])[];
  readonly hasEverybody: boolean;
}

/** Somebody of the conversation who was found. */
export interface FoundMention {
  readonly userId: UserId;
  /** The name in the text that this is the username or the id of; null for those who are mentioned otherwise. */
  readonly name: string | null;
  /** The name is the username, which goes before another user's id. */
  readonly isUsername: boolean;
}

/** Finds `@username`, `@<user id>` and `@all`. Names end where letters, digits, `_`, `.` and `-` do. */
export function findMentionedNames(content: string): MentionedNames {
  const found = new Map<string, readonly string[]>();
  let hasEverybody = false;
  if (!content.includes('@')) return { names: [], hasEverybody };
  for (const [, word = ''] of content.matchAll(nameAfterAt)) {
    const names = namesOf(word);
    if (names.some((name) => name.toLowerCase() === 'all')) hasEverybody = true;
    else if (names.length > 0 && found.size < maxNames) found.set(word, names);
  }
  return { names: [...found.values()], hasEverybody };
}

/** `bob_.` may be just that, or `bob_` at the end of a sentence, or `bob` in italics. */
function namesOf(word: string): string[] {
  const names = [word, trimEnd(word, '.-'), trimEnd(word, '._-')];
  return [...new Set(names)].filter((name) => name !== '' && name.length <= maxNameLength);
}

function trimEnd(word: string, characters: string): string {
  let end = word.length;
  while (end > 0 && characters.includes(word.charAt(end - 1))) end--;
  return word.slice(0, end);
}

/**
 * Whom a message mentions, each once, as it is stored: with {@link everybody} first where it mentions all.
 *
 * @param found those of the names that are somebody in the conversation, and who is mentioned otherwise.
 */
export function chooseMentions(mentioned: MentionedNames, found: readonly FoundMention[], senderId: UserId): string[] {
  const chosen = new Set<string>(mentioned.hasEverybody ? [everybody] : []);
  const byName = new Map<string, UserId>();
  for (const { userId, name, isUsername } of found) {
    if (name !== null && (isUsername || !byName.has(name))) byName.set(name, userId);
  }
  for (const names of mentioned.names) {
    const name = names.find((candidate) => byName.has(candidate));
    const userId = name === undefined ? undefined : byName.get(name);
    if (userId !== undefined) chosen.add(userId);
  }
  for (const { userId, name } of found) if (name === null) chosen.add(userId);
  chosen.delete(senderId);
  return [...chosen];
}

/** The user ids of a message's rows in `mentions`: everybody's alone where it mentions all, so that it counts once. */
export function toMentionRows(mentions: readonly string[]): readonly string[] {
  return mentions.includes(everybody) ? [everybody] : mentions;
}
