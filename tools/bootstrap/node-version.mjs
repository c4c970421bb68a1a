// Imported first: ends the process, in one sentence, where Node is too old for the rest of the tools. Node 18 has to understand
// this file and all that its importers import.
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const needed = engines.node.replace(/^>=/, '');

const [major, minor] = process.versions.node.split('.').map(Number);
const [neededMajor, neededMinor] = needed.split('.').map(Number);
if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  console.error(`Parley needs Node ${needed} or later; this is ${process.versions.node}.`);
  process.exit(1);
}
