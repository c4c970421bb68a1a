import { mb, print, whole } from './table.mjs';

export function printUploads({ name, count, megabytes, seconds, memory }) {
  print(
    `Uploads, ${name}: ${count} of ${megabytes} MB at once in ${seconds.toFixed(1)} s, ${whole((count * megabytes) / seconds)} MB/s`,
    ['resident memory, MB', 'before', 'peak', 'more'],
    Object.entries(memory).map(([each, { before, peak }]) => [each, mb(before), mb(peak), mb(peak - before)]),
  );
}
