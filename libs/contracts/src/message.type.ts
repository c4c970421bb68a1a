import type { FileKind } from './view/attachment.view';

/** What a type asks of its messages. */
interface MessageTypeRule {
  /** False: the server alone writes such messages. */
  readonly isForClients: boolean;
  /** Consists of attachments: has at least one. */
  readonly needsAttachment: boolean;
  /** What its attachments may be. */
  readonly attachmentKinds: readonly FileKind[];
}

const anyKind: readonly FileKind[] = ['image', 'file', 'voice'];

/**
 * The types of messages that there are everywhere. A deployment may have others (`CUSTOM_MESSAGE_TYPES`), which ask for as
 * little as `text`.
 */
export const messageTypes = {
  text: { isForClients: true, needsAttachment: false, attachmentKinds: anyKind },
  image: { isForClients: true, needsAttachment: true, attachmentKinds: ['image'] },
  file: { isForClients: true, needsAttachment: true, attachmentKinds: anyKind },
  voice: { isForClients: true, needsAttachment: true, attachmentKinds: ['voice'] },
  system: { isForClients: false, needsAttachment: false, attachmentKinds: [] },
} as const satisfies Record<string, MessageTypeRule>;

/** What a type asks for; of all that is not built in, as much as `text`. */
export function messageTypeRule(name: string): MessageTypeRule {
  return isBuiltInType(name) ? messageTypes[name] : messageTypes.text;
}

export function isBuiltInType(name: string): name is keyof typeof messageTypes {
  return Object.hasOwn(messageTypes, name);
}
