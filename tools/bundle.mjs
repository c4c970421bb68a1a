// Joins the workspace's own files into one CommonJS file. esbuild bundles; SWC compiles each file, since esbuild cannot
// emit the decorator metadata that Nest's injector reads. Packages of node_modules stay outside.
import { transform } from '@swc/core';
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');

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

/** @param {string} entry @param {string} outfile both relative to the workspace, or absolute */
export async function bundle(entry, outfile) {
  await build({
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
}
