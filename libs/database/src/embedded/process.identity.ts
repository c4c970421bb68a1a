import { execFile } from 'node:child_process';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * What tells a process from a later one with the same number: when it started, as the system tells it.
 *
 * @returns undefined when there is no such process.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (!isAlive(pid)) return undefined;
  if (process.platform === 'linux') {
    const [boot, status] = await Promise.all([
      readText('/proc/sys/kernel/random/boot_id'),
      readText(`/proc/${pid}/stat`),
    ]);
    // The name, second of the fields, is in parentheses and may hold anything; the start is the 20th after it.
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[19] === undefined ? undefined : `${boot.trim()} ${fields[19]}`;
  }
  if (process.platform === 'win32') return 'alive';
  return (await ps(pid, 'lstart')) || undefined;
}

/** Is it alive, and is this the directory that it works in? For a server that was started with that directory as argument. */
export async function worksIn(pid: number, directory: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === 'linux')
    return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === (await realpath(directory));
  return process.platform === 'win32' || (await ps(pid, 'args')).includes(directory);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Empty where the process went in the meantime. */
const readText = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

const ps = (pid: number, column: string): Promise<string> =>
  run('ps', ['-o', `${column}=`, '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
