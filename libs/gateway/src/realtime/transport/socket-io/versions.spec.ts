import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The first versions without known ways to crash a server or to exhaust its memory. */
const leastVersions = { 'socket.io': '4.8.4', 'engine.io': '6.6.10', 'socket.io-parser': '4.2.7' };

/** Every node_modules folder under a folder of packages, at any depth. */
function nodeModulesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const packages = readdirSync(folder).flatMap((name) =>
    name.startsWith('@') ? readdirSync(path.join(folder, name)).map((scoped) => path.join(name, scoped)) : [name],
  );
  return [folder, ...packages.flatMap((name) => nodeModulesUnder(path.join(folder, name, 'node_modules')))];
}

function isAtLeast(version: string, least: string): boolean {
  const [left, right] = [version, least].map((text) => text.split('.').map(Number));
  const at = left?.findIndex((part, index) => part !== right?.[index]) ?? -1;
  return at === -1 || Number(left?.[at]) > Number(right?.[at]);
}

describe('installed everywhere', () => {
  const folders = nodeModulesUnder(path.resolve(__dirname, '../../../../../../node_modules'));

  it.each(Object.entries(leastVersions))('%s is %s or later', (name, least) => {
    const files = folders.map((folder) => path.join(folder, name, 'package.json')).filter(existsSync);
    const versions = files.map((file) => (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version);
    expect(versions).not.toHaveLength(0);
    expect(versions.filter((version) => !isAtLeast(version, least))).toEqual([]);
  });
});
