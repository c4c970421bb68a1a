const { readFileSync } = require('node:fs');
const path = require('node:path');

const readJson = (file) => JSON.parse(readFileSync(path.join(__dirname, file), 'utf8'));
const swc = readJson('.swcrc');
const { paths } = readJson('tsconfig.base.json').compilerOptions;

/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/apps', '<rootDir>/libs'],
  globalSetup: '<rootDir>/libs/testing/src/jest/global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/src/jest/global-teardown.mjs',
  testEnvironment: 'node',
  // Real servers on a busy machine: a test that hangs is told from one that is slow.
  testTimeout: 30_000,
  testMatch: ['<rootDir>/{apps,libs}/**/*.spec.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  moduleNameMapper: {
    ...Object.fromEntries(Object.entries(paths).map(([name, [file]]) => [`^${name}$`, path.join(__dirname, file)])),
    // They name their entry only for `import` and, as Node requires it, under `module-sync`, which Jest does not know.
    '^file-type$': '<rootDir>/node_modules/file-type/index.js',
    '^music-metadata$': '<rootDir>/node_modules/music-metadata/lib/index.js',
  },
  transform: {
    '\\.ts$': ['@swc/jest', { ...swc, swcrc: false, module: { type: 'commonjs' } }],
    '[\\\\/]node_modules[\\\\/].+\\.m?js$': '<rootDir>/tools/jest-esm.cjs',
  },
  transformIgnorePatterns: [],
  coverageProvider: 'v8',
};
