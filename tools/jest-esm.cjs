// Jest on Node below 24.9 cannot require() ES modules, while Node itself can (20.19 and later): only tests need this.
// Packages that are ES modules are compiled to CommonJS; every other file is passed through as it is.
const { readFileSync } = require('node:fs');
const path = require('node:path');
const swcJest = require('@swc/jest');

const compiler = swcJest.createTransformer({
  swcrc: false,
  sourceMaps: false,
  jsc: { target: 'es2022', parser: { syntax: 'ecmascript' } },
  module: { type: 'commonjs' },
});

/** Folder → whether its `.js` files are ES modules, as the nearest package.json says. */
const moduleFolders = new Map();

function isModuleFolder(dir) {
  const known = moduleFolders.get(dir);
  if (known !== undefined) return known;
  const answer = readType(dir) ?? (path.dirname(dir) === dir ? false : isModuleFolder(path.dirname(dir)));
  moduleFolders.set(dir, answer);
  return answer;
}

function readType(dir) {
  try {
    return JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8')).type === 'module';
  } catch {
    return undefined;
  }
}

function isModule(file) {
  if (file.endsWith('.mjs')) return true;
  return !file.endsWith('.cjs') && isModuleFolder(path.dirname(file));
}

module.exports = {
  canInstrument: false,
  getCacheKey: (source, file, options) =>
    `${compiler.getCacheKey(source, file, options)}${isModule(file) ? 'module' : 'commonjs'}`,
  process: (source, file, options) => (isModule(file) ? compiler.process(source, file, options) : { code: source }),
};
