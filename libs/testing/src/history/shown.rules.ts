// What the sockets were shown, and what the devices show in the end.
import type { ShownConversation } from './device.model';
import { differences } from './message.state';
import type { DeviceRecord, RunRecord, StoredConversation } from './run.record';
import type { Gap } from './socket.witness';

/** Each socket was shown changes in the order of `rev`, each once, and messages in the order of `seq` without gaps. */
export function shownInOrder({ sockets }: RunRecord): string[] {
  return sockets.flatMap(({ wrongs }) => wrongs);
}

/** What no later change has replaced was shown, unless the socket was told to resync. */
export function shownWithoutGaps({ conversations, sockets }: RunRecord): string[] {
  const needed = new Map(conversations.map((each) => [each.id, revsToShow(each)]));
  return sockets.flatMap(({ name, gaps, seen }) =>
    gaps.flatMap((gap) => {
      const missing = missingOf(gap, needed.get(gap.conversationId), seen.get(gap.conversationId));
      const between = `between rev ${gap.after} and rev ${gap.before} of conversation ${gap.conversationId}`;
      return missing.map((what) => `${name} was not shown ${what}, ${between}`);
    }),
  );
}

/** By rev, the changes that are still to be seen in the present state: a repair shows them, too. */
function revsToShow({ messages, participants }: StoredConversation): Map<number, string> {
  return new Map([
    ...participants.map(({ rev, userId }) => [rev, `the change of participant ${userId} (rev ${rev})`] as const),
    ...messages.map(({ rev, seq }) => [rev, `the change of message ${seq} (rev ${rev})`] as const),
    ...messages.map(({ createdRev, seq }) => [createdRev, `message ${seq} (rev ${createdRev})`] as const),
  ]);
}

function missingOf(
  gap: Gap,
  needed: ReadonlyMap<number, string> = new Map(),
  seen?: ReadonlyMap<number, string>,
): string[] {
  const missing: string[] = [];
  for (let rev = gap.after + 1; rev < gap.before; rev++) {
    const what = needed.get(rev);
    if (what !== undefined && !seen?.has(rev)) missing.push(what);
  }
  return missing;
}

/** No socket was told of another epoch than the others: nothing that was stored is gone, and no device has to start anew. */
export function historyIsOne({ sockets }: RunRecord): string[] {
  const [first] = sockets.flatMap(({ epochs }) => [...epochs]);
  return sockets.flatMap(({ name, epochs }) =>
    [...epochs].filter((epoch) => epoch !== first).map((epoch) => `${name} was told of epoch ${epoch}, not ${first}`),
  );
}

/** In the end each device shows what the database has, and nothing else. */
export function devicesAgree({ conversations, devices }: RunRecord): string[] {
  return devices.flatMap((device) => {
    const own = conversations.filter(({ participants }) =>
      participants.some(({ userId, isIn }) => isIn && userId === device.userId),
    );
    const names = new Set(own.map(({ id }) => id));
    const foreign = [...device.conversations.keys()].filter((id) => !names.has(id));
    return [
      ...own.flatMap((stored) => disagreement(device, stored)),
      ...foreign.map((id) => `${device.name} shows conversation ${id}, in which its user is not`),
    ];
  });
}

function disagreement({ name, conversations }: DeviceRecord, stored: StoredConversation): string[] {
  const shown = conversations.get(stored.id);
  if (!shown) return [`${name} does not show conversation ${stored.id}`];
  const { seq, rev } = shown.head;
  const isBehind = seq !== stored.lastSeq || rev !== stored.rev;
  const stands = `at seq ${seq} and rev ${rev}, not at ${stored.lastSeq} and ${stored.rev}`;
  return [
    ...(isBehind ? [`${name} shows conversation ${stored.id} ${stands}`] : []),
    ...firstDifference(shown, stored).map((what) => `${name} shows conversation ${stored.id} ${what}`),
  ];
}

/** One is enough: what follows the first difference is rarely news. */
function firstDifference({ messages }: ShownConversation, stored: StoredConversation): string[] {
  for (const message of stored.messages) {
    const own = messages.get(message.seq);
    if (!own) return [`without message ${message.seq}`];
    const parts = differences(own, message);
    if (parts.length > 0) return [`with another ${parts.join(', ')} of message ${message.seq}`];
  }
  return messages.size === stored.messages.length ? [] : [`with messages that are not stored`];
}

/**
 * Nobody was told of anything that happened between leaving a conversation and coming back, but of the removal itself. What
 * was before somebody came is history, which is theirs to read.
 */
export function outsidersSawNothing({ conversations, sockets }: RunRecord): string[] {
  return sockets.flatMap(({ name, userId, seen }) =>
    conversations.flatMap(({ id, memberships }) => {
      const own = memberships.filter((each) => each.userId === userId);
      const told = [...(seen.get(id) ?? [])];
      if (own.length === 0 && told.length > 0)
        return [`${name} was told of conversation ${id}, in which its user never was`];
      return told.flatMap(([rev, by]) => {
        const last = own.filter((change) => change.rev <= rev).at(-1);
        if (last === undefined || last.isIn || last.rev === rev) return [];
        return [
          `${name} was told of rev ${rev} of conversation ${id} (by ${by}), which its user left at rev ${last.rev}`,
        ];
      });
    }),
  );
}
