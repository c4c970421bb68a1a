// Generated documents: node tools/docs.mjs write | check
// `check` fails when a committed one is not what the code says.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import prettier from 'prettier';
import { load, root } from './bundle.mjs';

/** Each document, and who tells what is in it. */
const documents = {
  'docs/CONFIGURATION.md': async () => (await load('libs/config/src/index.ts')).renderConfigurationDocs(),
  'docs/asyncapi.json': async () => JSON.stringify((await load('libs/gateway/src/index.ts')).createAsyncApiDocument()),
  'docs/openapi.json': async () => (await load('apps/standalone/src/standalone.openapi.ts')).renderOpenApi(),
  'libs/messaging/README.md': () => withCalls('messaging'),
  'libs/presence/README.md': () => withCalls('presence'),
  'libs/media/README.md': () => withCalls('media'),
};

const callsBegin = '<!-- calls: generated from libs/contracts -->';
const callsEnd = '<!-- end of calls -->';

/** A service's README, with the calls that it answers in their place. */
async function withCalls(service) {
  const readme = await readFile(path.join(root, `libs/${service}/README.md`), 'utf8');
  const [before, rest] = readme.split(callsBegin);
  const after = rest?.split(callsEnd)[1];
  if (after === undefined) throw new Error(`libs/${service}/README.md has no place for its calls`);
  const contracts = Object.entries(await load('libs/contracts/src/index.ts'));
  const rows = contracts
    .filter(([, value]) => String(value?.subject ?? '').startsWith(`${service}.`) && 'timeoutMs' in value)
    .sort(([, a], [, b]) => a.subject.localeCompare(b.subject))
    .map(
      ([name, { subject, errors }]) =>
        `| \`${subject}\` | \`${name}\` | ${errors.map((code) => `\`${code}\``).join(', ')} |`,
    );
  const table = ['| call | contract | errors of its own |', '| --- | --- | --- |', ...rows].join('\n');
  return `${before}${callsBegin}\n\n${table}\n\n${callsEnd}${after}`;
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
