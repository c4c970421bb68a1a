import { nothingIsUnasked } from './asked.rules';
import { everythingIsAnswered } from './refusal.rules';
import type { RunRecord } from './run.record';
import { everybodyStaysReady, nobodyDied, outboxIsEmpty, presenceIsTrue, recoveryIsBounded } from './service.rules';
import { devicesAgree, historyIsOne, outsidersSawNothing, shownInOrder, shownWithoutGaps } from './shown.rules';
import {
  ackedIsStored,
  burstsKeepTheirOrder,
  changesAreApplied,
  filesAreServed,
  numberedWithoutHoles,
  storedOnce,
  unreadIsCounted,
} from './stored.rules';

/** One thing that is promised, and how a run kept it. */
export interface Verdict {
  readonly rule: string;
  readonly promise: string;
  /** A sentence for each violation. */
  readonly violations: readonly string[];
}

interface Rule {
  readonly rule: string;
  readonly promise: string;
  readonly check: (record: RunRecord) => string[];
}

const rules: readonly Rule[] = [
  { rule: 'acked', promise: 'no acknowledged message is lost', check: ackedIsStored },
  { rule: 'once', promise: 'no message is stored twice', check: storedOnce },
  { rule: 'asked', promise: 'nothing is stored that nobody asked for', check: nothingIsUnasked },
  { rule: 'numbered', promise: 'seq and rev run from 1 without holes', check: numberedWithoutHoles },
  { rule: 'pipelined', promise: 'what a socket sends at once is stored in that order', check: burstsKeepTheirOrder },
  { rule: 'files', promise: 'what was uploaded and sent can be downloaded', check: filesAreServed },
  {
    rule: 'applied',
    promise: 'acknowledged edits, deletions, reactions, reads and memberships hold',
    check: changesAreApplied,
  },
  { rule: 'ordered', promise: 'every socket sees each change once, in order', check: shownInOrder },
  { rule: 'complete', promise: 'no socket misses a change that still holds', check: shownWithoutGaps },
  { rule: 'epoch', promise: 'nobody is told that history is another one', check: historyIsOne },
  { rule: 'converged', promise: 'every device shows in the end what is stored', check: devicesAgree },
  { rule: 'confined', promise: 'who was removed is told of nothing that came after', check: outsidersSawNothing },
  { rule: 'unread', promise: 'unread counts equal a recount', check: unreadIsCounted },
  { rule: 'presence', promise: 'who has a socket is online, and nobody else', check: presenceIsTrue },
  {
    rule: 'answered',
    promise: 'every request is answered in the end, and refused only for a reason that is true',
    check: everythingIsAnswered,
  },
  { rule: 'outbox', promise: 'everything that was committed is announced', check: outboxIsEmpty },
  { rule: 'alive', promise: 'no process ends by itself, or says that a person must act', check: nobodyDied },
  {
    rule: 'ready',
    promise: 'an outage behind a process makes it neither dead nor unready',
    check: everybodyStaysReady,
  },
  { rule: 'recovery', promise: 'everybody is served again within a bounded time', check: recoveryIsBounded },
];

/** Judges a run by every rule there is. */
export function judge(record: RunRecord): Verdict[] {
  return rules.map(({ rule, promise, check }) => ({ rule, promise, violations: check(record) }));
}
