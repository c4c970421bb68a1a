import { isBuiltInType, messageTypes } from '@parley/contracts';
import { defineSlice, type SliceOf } from '../slice';
import { integer, list } from '../values';

const typeName = /^[a-z][a-z0-9_]{0,63}$/;

/** Ten years: as good as for ever. */
const maxWindowSeconds = 315_360_000;

/** What users may be searched by. */
const searchableFields = ['email', 'username', 'display_name'] as const;
export type SearchableField = (typeof searchableFields)[number];

const isSearchable = (word: string): word is SearchableField => (searchableFields as readonly string[]).includes(word);

/** An empty variable would count as unset: `none` stands for no field. */
const searchableList = list
  .transform((words) => (words.length === 1 && words[0] === 'none' ? [] : words))
  .refine((words) => words.every(isSearchable), `must be none or a list of ${searchableFields.join(', ')}`)
  .transform((words) => words.filter(isSearchable));

export const MessagingConfig = defineSlice('messaging', {
  maxMessageLength: {
    env: 'MAX_MESSAGE_LENGTH',
    // A page of messages has to fit into one answer of the bus.
    schema: integer(1, 100_000),
    default: '5000',
    description: 'The longest message, in characters.',
  },
  customMessageTypes: {
    env: 'CUSTOM_MESSAGE_TYPES',
    schema: list.refine(
      (names) => names.every((name) => typeName.test(name) && !isBuiltInType(name)),
      `must be a list of words of up to 64 letters a-z, digits and _, each beginning with a letter, none of them ${Object.keys(messageTypes).join(', ')}`,
    ),
    default: '',
    description: 'Types that messages may have beside the built-in ones, separated by commas: `poll,session_invite`.',
  },
  scheduleIntervalMs: {
    env: 'SCHEDULE_INTERVAL_MS',
    schema: integer(50, 3_600_000),
    default: '1000',
    description: 'How often each messaging process looks for scheduled messages that are due, in milliseconds.',
  },
  editWindowSeconds: {
    env: 'EDIT_WINDOW_SECONDS',
    schema: integer(0, maxWindowSeconds),
    default: '900',
    description: 'How long senders may edit a message, in seconds after the send. 0: never.',
  },
  deleteWindowSeconds: {
    env: 'DELETE_WINDOW_SECONDS',
    schema: integer(0, maxWindowSeconds),
    default: '3600',
    description:
      'How long senders may delete a message, in seconds after the send. 0: never; admins and moderators of groups always may.',
  },
  searchableFields: {
    env: 'SEARCHABLE_FIELDS',
    schema: searchableList,
    default: searchableFields.join(','),
    description:
      'What users may search others by, or `none`. Of an e-mail address at least the first three characters are needed; answers never show one.',
  },
});
export type MessagingConfig = SliceOf<typeof MessagingConfig>;
