import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { OwnerLock } from './owner.lock';
import { startOf } from './process.identity';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'parley-lock-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const leaveLock = (text: string): Promise<void> => writeFile(path.join(dataDir, 'owner.lock'), text);

it('refuses a second owner while the first is there, and names it', async () => {
  const lock = await OwnerLock.acquire(dataDir);
  await expect(OwnerLock.acquire(dataDir)).rejects.toThrow(`Another Parley (process ${process.pid}) uses ${dataDir}`);
  await lock.release();
  await expect(OwnerLock.acquire(dataDir)).resolves.toBeInstanceOf(OwnerLock);
});

it('takes over from a process that is gone', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  await leaveLock(JSON.stringify({ pid: child.pid, start: await startOf(child.pid ?? 0) }));
  await expect(OwnerLock.acquire(dataDir)).rejects.toThrow('Another Parley');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expect(OwnerLock.acquire(dataDir)).resolves.toBeInstanceOf(OwnerLock);
});

it('takes over where the number of a dead owner has gone to another process', async () => {
  await leaveLock(JSON.stringify({ pid: process.pid, start: 'long ago' }));
  await expect(OwnerLock.acquire(dataDir)).resolves.toBeInstanceOf(OwnerLock);
});

it('takes over a lock that nobody can read', async () => {
  await leaveLock('');
  await expect(OwnerLock.acquire(dataDir)).resolves.toBeInstanceOf(OwnerLock);
});

it('goes to one of those who find a stale lock at the same time, and leaves no other file', async () => {
  await leaveLock(JSON.stringify({ pid: process.pid, start: 'long ago' }));
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => OwnerLock.acquire(dataDir)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await readdir(dataDir)).toEqual(['owner.lock']);
});

it('takes over after one that was killed while it took over', async () => {
  await leaveLock('');
  const turn = path.join(dataDir, 'owner.lock.takeover');
  await mkdir(turn);
  await utimes(turn, 0, 0);
  await expect(OwnerLock.acquire(dataDir)).resolves.toBeInstanceOf(OwnerLock);
  expect(await readdir(dataDir)).toEqual(['owner.lock']);
});
