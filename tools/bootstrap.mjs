// Makes a clone ready to run: node tools/bootstrap.mjs [--no-build] [app...]
// Installs the packages that package-lock.json asks for and node_modules lacks, generates the Prisma client when the
// schema changed, builds the named apps (none named: all). What is there already is left alone, so a second run needs no
// network. Only Node's own modules: node_modules may not exist yet.
import './bootstrap/node-version.mjs';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { takeInstallLock } from './bootstrap/install-lock.mjs';

const root = path.resolve(import.meta.dirname, '..');
const at = (...parts) => path.join(root, ...parts);
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The program that runs now, and the signal that asked to end. */
let child;
let endingBy;

/** What a killed program leaves half done is noticed at the next start: it needs no time to tidy up. */
function killChild() {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // It has just ended by itself.
    if (error.code !== 'ESRCH') throw error;
  }
}

const exitBy = (signal) => process.exit(128 + constants.signals[signal]);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (!child) exitBy(signal);
    endingBy ??= signal;
    killChild();
  });
}

/** Runs a program quietly: what it printed is shown only when it fails. */
async function run(title, command, args, onStart) {
  const startedAt = performance.now();
  process.stdout.write(`${title} ... `);
  // Its own process group: a Ctrl-C reaches this process alone, which ends the program with all that it has started.
  const started = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let printed = '';
  for (const stream of [started.stdout, started.stderr])
    stream.setEncoding('utf8').on('data', (text) => (printed += text));
  // A program that cannot be started has no id.
  if (started.pid !== undefined) {
    child = started;
    onStart?.(child.pid);
  }
  const [status] = await once(started, 'close').catch((error) => [error.message]);
  child = undefined;
  if (endingBy) {
    console.log('stopped');
    exitBy(endingBy);
  }
  if (status !== 0) {
    console.error(`failed\n${printed}${typeof status === 'string' ? `${status}\n` : ''}`);
    process.exit(Number(status) || 1);
  }
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

/** What npm writes last, with what it has installed: without it an install did not come to its end. */
const installedFile = at('node_modules/.package-lock.json');

/** True when node_modules holds what package-lock.json asks for; contents decide, since git keeps no times. */
function isInstalled() {
  if (!existsSync(installedFile)) return false;
  const present = readJson(installedFile).packages;
  return Object.entries(readJson(at('package-lock.json')).packages).every(([key, wanted]) => {
    if (!key.startsWith('node_modules/') && !key.includes('/node_modules/')) return true;
    const found = present[key];
    // Packages for other platforms are left out by npm.
    if (found === undefined) return wanted.optional === true;
    const isSame = found.version === wanted.version && found.integrity === wanted.integrity;
    // Two installs at once list packages that the other one has removed.
    return isSame && existsSync(at(key, 'package.json'));
  });
}

/** Install scripts are not run: some would download what Parley does not use, and none is needed. */
async function install(lock) {
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  // Build tools are needed with NODE_ENV=production too.
  const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm removes it at some time after it has begun to remove the packages.
  rmSync(installedFile, { force: true });
  await run('Installing packages (once; this may take a minute or two)', command, [...first, ...args], lock.shareWith);
}

const generatedFile = at('libs/database/src/generated/.schema');

function schemaHash() {
  return createHash('sha256')
    .update(readFileSync(at('prisma/schema.prisma')))
    .update(readJson(at('node_modules/prisma/package.json')).version)
    .digest('hex');
}

function isGenerated() {
  return existsSync(generatedFile) && readFileSync(generatedFile, 'utf8') === schemaHash();
}

async function generate(lock) {
  await run('Generating the Prisma client', process.execPath, ['tools/prisma.mjs', 'generate'], lock.shareWith);
  writeFileSync(generatedFile, schemaHash());
}

/** Looks again once it has its turn: another process may have done it meanwhile. */
async function prepare() {
  if (isInstalled() && isGenerated()) return;
  const file = 'dist/install.lock';
  const lock = await takeInstallLock(at(file), (pid) => {
    console.log(`Waiting for process ${pid}, which installs here (if it does not, remove ${file}).`);
  });
  if (!isInstalled()) await install(lock);
  if (!isGenerated()) await generate(lock);
  lock.release();
}

const args = process.argv.slice(2);
await prepare();
if (!args.includes('--no-build')) {
  await run('Building', process.execPath, ['tools/build.mjs', ...args.filter((arg) => !arg.startsWith('-'))]);
}
