// The CPU time of a process, as the operating system counts it: user and system, all threads.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** USER_HZ is 100 on every Linux that Node runs on: what is read has a resolution of 10 ms. */
const microsPerTick = 10_000;

/** @returns {number} microseconds of CPU since the process started; its children are not in it */
export function cpuMicros(pid) {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** @param {Record<string, number>} pids by name */
export function cpuOf(pids) {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMicros(pid)]));
}

/** What each process used between two readings, in microseconds. */
export function cpuBetween(before, after) {
  return Object.fromEntries(Object.entries(after).map(([name, micros]) => [name, micros - before[name]]));
}

function fromProc(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the command in parentheses, and may hold blanks: count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * microsPerTick;
}

/** `ps` prints [[dd-]hh:]mm:ss[.cc]. */
function fromPs(pid) {
  const text = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  const [clock, days = '0'] = text.split('-').reverse();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1_000_000);
}
