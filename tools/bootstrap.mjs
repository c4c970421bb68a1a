// Makes a clone ready to run: node tools/bootstrap.mjs [--no-build] [app...]
// Installs the packages that package-lock.json asks for and node_modules lacks, generates the Prisma client when the
// schema changed, builds the named apps (none named: all). What is there already is left alone, so a second run needs no
// network. Only Node's own modules: node_modules may not exist yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const at = (...parts) => path.join(root, ...parts);
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Runs a program quietly: what it printed is shown only when it fails. */
function run(title, command, args, options = {}) {
  const startedAt = performance.now();
  process.stdout.write(`${title} ... `);
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  if (status !== 0) {
    console.error(`failed\n${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`);
    process.exit(status || 1);
  }
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

/** True when node_modules holds what package-lock.json asks for; contents decide, since git keeps no times. */
function isInstalled() {
  const installed = at('node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const present = readJson(installed).packages;
  return Object.entries(readJson(at('package-lock.json')).packages).every(([key, wanted]) => {
    if (!key.startsWith('node_modules/') && !key.includes('/node_modules/')) return true;
    const found = present[key];
    // Packages for other platforms are left out by npm.
    if (found === undefined) return wanted.optional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** Install scripts are not run: some would download what Parley does not use, and none is needed. */
function install() {
  if (isInstalled()) return;
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  // Build tools are needed with NODE_ENV=production too.
  const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  run('Installing packages (once, about half a minute)', command, [...first, ...args]);
}

function generate() {
  const stamp = at('libs/database/src/generated/.schema');
  const hash = createHash('sha256')
    .update(readFileSync(at('prisma/schema.prisma')))
    .update(readJson(at('node_modules/prisma/package.json')).version)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  run('Generating the Prisma client', process.execPath, ['tools/prisma.mjs', 'generate']);
  writeFileSync(stamp, hash);
}

const args = process.argv.slice(2);
install();
generate();
if (!args.includes('--no-build')) {
  run('Building', process.execPath, ['tools/build.mjs', ...args.filter((arg) => !arg.startsWith('-'))]);
}
