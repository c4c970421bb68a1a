import { defineSlice, type SliceOf } from '../slice';
import { integer } from '../values';

export const MessagingConfig = defineSlice('messaging', {
  maxMessageLength: {
    env: 'MAX_MESSAGE_LENGTH',
    // A page of messages has to fit into one answer of the bus.
    schema: integer(1, 100_000),
    default: '5000',
    description: 'The longest message, in characters.',
  },
});
export type MessagingConfig = SliceOf<typeof MessagingConfig>;
