// Joins the workspace's own files into one CommonJS file. esbuild bundles; SWC compiles each file, since esbuild cannot
// emit the decorator metadata that Nest's injector reads. Packages of node_modules stay outside.
import { transform } from '@swc/core';
import { build } from 'esbuild';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

const swcrc = JSON.parse(await readFile(path.join(root, '.swcrc'), 'utf8'));

const swc = {
  name: 'swc',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path: filename }) => {
      const options = {
        ...swcrc,
        swcrc: false,
        configFile: false,
        filename,
        sourceMaps: 'inline',
        module: { type: 'es6' },
      };
      const { code } = await transform(await readFile(filename, 'utf8'), options);
      return { contents: code, loader: 'js', resolveDir: path.dirname(filename) };
    });
  },
};

// With `keepNames` every function is given its name when it is made, also the closures of one call, which then cost ten times
// as much. Classes have to keep theirs; arrow functions, which have no prototype, do without.
const nameHelper = /var __name = \((\w+), value\) => __defProp\(/;
const classNameHelper = 'var __name = ($1, value) => $1.prototype === undefined ? $1 : __defProp(';

async function write({ path: file, text }) {
  if (text.includes('__name(') && !file.endsWith('.map') && !nameHelper.test(text)) {
    throw new Error(`${file} gives functions their names in another way`);
  }
  await mkdir(path.dirname(file), { recursive: true });
  // Another process may be reading it, or write it too: it changes as a whole.
  await writeFile(`${file}.${process.pid}`, text.replace(nameHelper, classNameHelper));
  await rename(`${file}.${process.pid}`, file);
}

/** @param {string} entry @param {string} outfile both relative to the workspace, or absolute */
export async function bundle(entry, outfile) {
  const { outputFiles } = await build({
    write: false,
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    sourcemap: true,
    keepNames: true,
    tsconfig: 'tsconfig.base.json',
    plugins: [swc],
    logLevel: 'warning',
  });
  await Promise.all(outputFiles.map(write));
}

/** What a module of the workspace exports. Its bundle is inside of node_modules, so that it finds its packages. */
export async function load(entry) {
  const outfile = path.join(root, 'node_modules/.cache/parley', `${entry.replaceAll('/', '-')}.cjs`);
  await bundle(entry, outfile);
  return require(outfile);
}
