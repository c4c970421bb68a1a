import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who the server runs as: this process' own user, but PostgreSQL refuses to run as root. Root lends it the user `postgres`,
 * else `nobody`, or whoever owns the data already; no user is made.
 */
export class PostgresAccount {
  private constructor(
    private readonly user: SystemUser | undefined,
    private readonly keepsAccess: boolean,
  ) {}

  /** @param folders what the server has to reach: its programs, its data. */
  static async find(dataDir: string, folders: readonly string[]): Promise<PostgresAccount> {
    if (process.getuid?.() !== 0) return new PostgresAccount(undefined, false);
    const user = await findUser(dataDir);
    const open = await Promise.all(folders.map((folder) => canEnter(user, folder)));
    const keepsAccess = open.includes(false);
    if (keepsAccess) await requireSetpriv(user, folders);
    return new PostgresAccount(user, keepsAccess);
  }

  /** Owner for files that the server is to have; undefined: as they are made. */
  get owner(): { readonly uid: number; readonly gid: number } | undefined {
    return this.user;
  }

  /** Runs a program to its end. */
  async run(program: string, args: readonly string[]): Promise<void> {
    const [file, ...rest] = this.commandLine(program, args);
    await run(file, rest, this.ids);
  }

  /** Starts a program in a session of its own, so that the terminal's Ctrl-C and the end of this process pass it by. */
  spawn(program: string, args: readonly string[], log: number): ChildProcess {
    const [file, ...rest] = this.commandLine(program, args);
    return spawn(file, rest, { ...this.ids, cwd: '/', detached: true, stdio: ['ignore', log, log], windowsHide: true });
  }

  private get ids(): { uid?: number; gid?: number } {
    return this.user && !this.keepsAccess ? { uid: this.user.uid, gid: this.user.gid } : {};
  }

  /**
   * Below a folder that only root may enter (`/root`, a private temporary one) the user gets along with root's right to
   * pass by permissions, and none of its others.
   */
  private commandLine(program: string, args: readonly string[]): [string, ...string[]] {
    if (!this.user || !this.keepsAccess) return [program, ...args];
    const { uid, gid } = this.user;
    const capabilities = ['--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override'];
    return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...capabilities, '--', program, ...args];
  }
}

async function findUser(dataDir: string): Promise<SystemUser> {
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map(parseUser);
  const owner = existsSync(dataDir) ? (await stat(dataDir)).uid : 0;
  const user =
    users.find((candidate) => owner !== 0 && candidate.uid === owner) ??
    users.find(({ name }) => name === 'postgres') ??
    users.find(({ name }) => name === 'nobody');
  if (!user)
    throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody: set DATABASE_URL');
  return user;
}

async function requireSetpriv({ name }: SystemUser, folders: readonly string[]): Promise<void> {
  await run('setpriv', ['--version']).catch((cause: unknown) => {
    const places = folders.join(' or ');
    throw new Error(`PostgreSQL runs as ${name}, who may not enter ${places}: start Parley as a normal user`, {
      cause,
    });
  });
}

function parseUser(line: string): SystemUser {
  const [name = '', , uid, gid] = line.split(':');
  return { name, uid: Number(uid), gid: Number(gid) };
}

/** May the user pass through all folders down to this one? */
async function canEnter(user: SystemUser, folder: string): Promise<boolean> {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    if (existsSync(current)) {
      const { mode, uid, gid } = await stat(current);
      const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return false;
    }
    if (current === path.dirname(current)) return true;
  }
}
