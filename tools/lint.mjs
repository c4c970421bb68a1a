// Lints the workspace: node tools/lint.mjs [--fix] [files...]
// The import rules between libraries read Nx's project graph, and are silently skipped without one: it is computed first.
// Without ESLint's cache: it knows a file by its own content, while rules with types depend on those that it imports.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const bin = (name, file) => path.join(path.dirname(require.resolve(`${name}/package.json`)), file);
const env = { ...process.env, NX_DAEMON: 'false' };

function run(args, stdio) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, env, stdio, encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  process.exit(status ?? 1);
}

const args = process.argv.slice(2);
const files = args.some((arg) => !arg.startsWith('-')) ? [] : ['.'];

run([bin('nx', 'dist/bin/nx.js'), 'show', 'projects'], 'pipe');
run([bin('eslint', 'bin/eslint.js'), '--max-warnings', '0', ...args, ...files], 'inherit');
