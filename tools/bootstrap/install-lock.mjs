// Who installs into a clone says so in a file, since two at once wreck node_modules. The file holds the ids of that process and
// of the program that it runs, which may outlive it; once none of them is alive, it counts for nothing.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const retryMs = 250;

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's.
    return error.code === 'EPERM';
  }
}

function livingHolder(file) {
  try {
    return readFileSync(file, 'utf8').split(' ').map(Number).find(isAlive);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** Renamed into place: a reader sees all ids or none. */
function write(file, pids) {
  writeFileSync(`${file}.${process.pid}`, pids.join(' '));
  renameSync(`${file}.${process.pid}`, file);
}

/**
 * Waits until this process alone holds the lock. Of several that write it at the same time the last one has it: each looks
 * again, a moment after it wrote.
 *
 * @param {string} file
 * @param {(pid: number) => void} onWait called at most once, with the process that is waited for
 */
export async function takeInstallLock(file, onWait) {
  mkdirSync(path.dirname(file), { recursive: true });
  let isAnnounced = false;
  for (;;) {
    const holder = livingHolder(file);
    if (holder === process.pid) break;
    if (holder === undefined) write(file, [process.pid]);
    else if (!isAnnounced) {
      isAnnounced = true;
      onWait(holder);
    }
    await delay(retryMs);
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  return {
    /** The lock is held for as long as this program runs, too. */
    shareWith: (pid) => write(file, [process.pid, pid]),
    release() {
      process.off('exit', release);
      release();
    },
  };
}
