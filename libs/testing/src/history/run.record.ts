import type { ShownConversation } from './device.model';
import type { MessageState } from './message.state';
import type { SocketWitness } from './socket.witness';

/** A message as the database has it. */
export interface StoredMessage extends MessageState {
  /** Of its creation. */
  readonly createdRev: number;
}

/** Somebody came into a conversation, or left it. */
export interface MembershipChange {
  readonly userId: string;
  readonly rev: number;
  readonly isIn: boolean;
}

export interface StoredParticipant extends MembershipChange {
  readonly lastReadSeq: number;
}

/** A membership change and when it was written, which is before it was committed, in milliseconds since 1970. */
export interface TimedMembershipChange extends MembershipChange {
  readonly at: number;
}

/** A conversation as the database has it when everything has come to rest. */
export interface StoredConversation {
  readonly id: string;
  readonly lastSeq: number;
  readonly rev: number;
  /** By seq. */
  readonly messages: readonly StoredMessage[];
  /** Those who were ever in it, as they are now. */
  readonly participants: readonly StoredParticipant[];
  /** All that happened to who is in it, by rev. */
  readonly memberships: readonly TimedMembershipChange[];
  /** The rev of each transaction's each change, in order. Left out where nobody noted them. */
  readonly revs?: readonly number[];
}

/** A message that a client wants to be stored, under its key. */
export interface WantedSend {
  readonly conversationId: string;
  readonly userId: string;
  readonly clientMessageId: string;
  readonly content: string;
}

/** A send that was acknowledged: where the answer said that it is. */
export interface AckedSend extends WantedSend {
  readonly id: string;
  readonly seq: number;
}

/** A file that was uploaded and sent with an acknowledged message. */
export interface SentFile {
  readonly conversationId: string;
  /** Of the message that it is in. */
  readonly seq: number;
  readonly fileId: string;
  /** Is it served with the bytes that were uploaded? `undefined` where nobody answered. */
  readonly isIntact: boolean | undefined;
}

interface Change {
  readonly conversationId: string;
  /** Who made it, or whom it is about. */
  readonly userId: string;
}

/** A change of a message that is there. */
export type MessageChange = Change & { readonly seq: number } & (
    | { readonly kind: 'edit'; readonly content: string }
    | { readonly kind: 'delete' }
    | { readonly kind: 'reaction'; readonly emoji: string; readonly isThere: boolean }
  );

/** A change other than a send that was acknowledged. Those of one thing are in the order in which they were made. */
export type AckedChange =
  | MessageChange
  | (Change & { readonly kind: 'read'; readonly seq: number })
  | (Change & { readonly kind: 'membership'; readonly isIn: boolean });

/** What was tried and will not be tried again, without an acknowledgement. */
export interface FailedAttempt {
  readonly userId: string;
  readonly what: string;
  /** The code of the refusal, or what else kept it from being answered. */
  readonly code: string;
  /** What it was about, where it was about one conversation, and one message. */
  readonly conversationId?: string | undefined;
  readonly seq?: number | undefined;
  /** From the first attempt to the last answer, in milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
}

/** What a device shows in the end. */
export interface DeviceRecord {
  readonly name: string;
  readonly userId: string;
  readonly conversations: ReadonlyMap<string, ShownConversation>;
}

export interface UnreadRecord {
  readonly userId: string;
  readonly conversationId: string;
  /** What the server answered. */
  readonly told: number;
  /** What the messages themselves say. */
  readonly counted: number;
}

export interface PresenceRecord {
  readonly userId: string;
  readonly viewerId: string;
  /** `undefined` where nobody answered. */
  readonly status: string | undefined;
  readonly hasSocket: boolean;
}

export interface RecoveryRecord {
  readonly fault: string;
  /** From the end of the fault until everybody was served again; undefined where that never was. */
  readonly tookMs: number | undefined;
}

/** All that is known of one run, when everything has come to rest. */
export interface RunRecord {
  readonly conversations: readonly StoredConversation[];
  /** Every send that was begun, whatever became of it. */
  readonly wanted: readonly WantedSend[];
  readonly sends: readonly AckedSend[];
  /** Of each burst the sends in the order in which one socket pipelined them. */
  readonly bursts: readonly (readonly AckedSend[])[];
  readonly files: readonly SentFile[];
  /** Every change of a message that was begun, whatever became of it. */
  readonly begun: readonly MessageChange[];
  readonly changes: readonly AckedChange[];
  readonly failures: readonly FailedAttempt[];
  readonly sockets: readonly Pick<SocketWitness, 'name' | 'userId' | 'wrongs' | 'gaps' | 'seen' | 'epochs'>[];
  readonly devices: readonly DeviceRecord[];
  readonly unread: readonly UnreadRecord[];
  readonly presence: readonly PresenceRecord[];
  /** Rows that still wait to be announced. */
  readonly outboxRows: number;
  /** Sentences on processes that ended, or said that something broke in them, without a fault that explains it. */
  readonly deaths: readonly string[];
  /** Sentences on processes that called themselves dead or not ready, without a fault of their own. */
  readonly lapses: readonly string[];
  readonly recoveries: readonly RecoveryRecord[];
  readonly maxRecoveryMs: number;
}
