import { p50p99, print, whole } from './table.mjs';

/** The first of them reads almost nothing: what the others take beside it is what they read. */
export function printReads({ name, messages, reads }) {
  const [base] = reads;
  print(
    `Reads, ${name}: one after another, of a history of ${whole(messages)} messages`,
    ['', 'p50/p99 ms', '÷ own profile'],
    reads.map(({ what, ms: each }) => [what, p50p99(each), (each.p50 / base.ms.p50).toFixed(1)]),
  );
}
