import { MessageCreated, type MessageView, type Rev, type Seq, type ServerEvent } from '@parley/contracts';
import type { ReceivedEvent } from '@parley/bus';

/** One durable change of a conversation, ready to be shown to its sockets. */
export interface Change {
  readonly rev: Rev;
  /** Set where the change is a new message: its position. */
  readonly seq?: Seq;
  readonly event: ServerEvent;
  readonly frame: object;
}

type Mapper = (event: ReceivedEvent) => Change;

/** How each durable fact of a conversation is shown. A fact that is not here is newer than this gateway and is skipped. */
const mappers: Readonly<Record<string, Mapper>> = {
  [MessageCreated.name]: (event) => {
    const { rev, message } = event.parse(MessageCreated);
    return newMessage(message, rev);
  },
};

/** The change that an event of `chat.conversation.<id>.<name>` tells of. Throws where the payload is not what it should be. */
export function toChange(name: string, event: ReceivedEvent): Change | undefined {
  return mappers[name]?.(event);
}

export function newMessage(message: MessageView, rev: Rev): Change {
  return {
    rev,
    seq: message.seq,
    event: 'new_message',
    frame: { conversation_id: message.conversation_id, rev, message },
  };
}
