// Generated documents: node tools/docs.mjs write | check
// `check` fails when a committed one is not what the code says.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import prettier from 'prettier';
import { bundle, root } from './bundle.mjs';

const require = createRequire(import.meta.url);

/** Each document, and who tells what is in it. */
const documents = {
  'docs/CONFIGURATION.md': async () => (await load('libs/config/src/index.ts')).renderConfigurationDocs(),
  'docs/openapi.json': async () => (await load('apps/standalone/src/standalone.openapi.ts')).renderOpenApi(),
};

/** A library as CommonJS, inside of node_modules, so that it finds its packages. */
async function load(entry) {
  const outfile = path.join(root, 'node_modules/.cache/parley', `${entry.replaceAll('/', '-')}.cjs`);
  await bundle(entry, outfile);
  return require(outfile);
}

async function format(file, text) {
  const options = await prettier.resolveConfig(file);
  return prettier.format(text, { ...options, filepath: file });
}

const mode = process.argv[2];
if (mode !== 'write' && mode !== 'check') {
  console.error('usage: docs.mjs write | check');
  process.exit(64);
}

const stale = [];
for (const [name, render] of Object.entries(documents)) {
  const file = path.join(root, name);
  const text = await format(file, await render());
  const current = await readFile(file, 'utf8').catch(() => '');
  if (current !== text) stale.push({ name, file, text });
}

if (mode === 'check' && stale.length > 0) {
  console.error(`Out of date: ${stale.map(({ name }) => name).join(', ')}. Run: npm run docs:generate`);
  process.exit(1);
}
for (const { name, file, text } of mode === 'write' ? stale : []) {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(`wrote ${name}`);
}
