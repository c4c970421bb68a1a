// Writes and checks migrations with Prisma's own engine, in its WebAssembly build: it needs no binary to be downloaded.
//   node tools/migrate.mjs new <name>   writes prisma/migrations/<time>_<name>/migration.sql: what brings the migrations to the schema
//   node tools/migrate.mjs check        exit code 1 and the missing SQL when migrations and schema disagree
//   node tools/migrate.mjs deploy       applies what is pending to DATABASE_URL, as the processes do when they start
// `new` and `check` work in a scratch database on the server of DATABASE_URL, and drop it.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import pg from 'pg';
import { bundle, root } from './bundle.mjs';

const require = createRequire(import.meta.url);
const migrations = path.join(root, 'prisma/migrations');
const schemaPath = path.join(root, 'prisma/schema.prisma');
const url = process.env.DATABASE_URL ?? 'postgresql://postgres@127.0.0.1:5432/postgres';

async function loadEngine() {
  const glue = require('@prisma/schema-engine-wasm/schema_engine_bg');
  const binary = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm');
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      this.message = message;
    },
  };
  const { instance } = await WebAssembly.instantiate(readFileSync(binary), { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue.SchemaEngine;
}

/**
 * The catalogue has columns of type "char" (oid 18), which @prisma/adapter-pg refuses and the engine needs: they go
 * through it as char[] (oid 1002) and come out as characters.
 */
async function catalogueAdapter(connectionString) {
  const { PrismaPg } = await import('@prisma/adapter-pg');
  const { ColumnTypeEnum } = await import('@prisma/driver-adapter-utils');
  const pool = new pg.Pool({ connectionString });
  const query = pool.query.bind(pool);
  pool.query = async (...args) => {
    const result = await query(...args);
    for (const field of result.fields ?? []) if (field.dataTypeID === 18) field.dataTypeID = 1002;
    return result;
  };
  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (request) => {
      const result = await queryRaw(request);
      const { Character, CharacterArray } = ColumnTypeEnum;
      const columnTypes = result.columnTypes.map((type) => (type === CharacterArray ? Character : type));
      return { ...result, columnTypes };
    };
    return adapter;
  };
  return factory;
}

async function openEngine(connectionString) {
  const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils');
  const SchemaEngine = await loadEngine();
  const adapter = bindMigrationAwareSqlAdapterFactory(await catalogueAdapter(connectionString));
  const log = (line) => process.env.DEBUG && console.error(line);
  return SchemaEngine.new({ datamodels: [[schemaPath, readFileSync(schemaPath, 'utf8')]] }, log, adapter);
}

function listMigrations() {
  if (!existsSync(migrations)) return [];
  const folders = readdirSync(migrations, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => path.join(migrations, name, 'migration.sql')).sort();
}

/** What the schema has and the migrations have not: `{ exitCode, stdout }`, where exit code 2 means a difference. */
async function diff() {
  const scratch = new URL(url);
  const database = `parley_shadow_${process.pid}`;
  scratch.pathname = `/${database}`;
  const admin = new pg.Client(url);
  await admin.connect();
  await admin.query(`CREATE DATABASE "${database}"`);
  try {
    const client = new pg.Client(scratch.href);
    await client.connect();
    for (const file of listMigrations()) await client.query(readFileSync(file, 'utf8'));
    await client.end();
    const engine = await openEngine(scratch.href);
    const schema = { files: [{ path: schemaPath, content: readFileSync(schemaPath, 'utf8') }] };
    return await engine.diff({
      from: { tag: 'schemaDatasource', ...schema, configDir: root },
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
  } finally {
    await admin.query(`DROP DATABASE "${database}" WITH (FORCE)`);
    await admin.end();
  }
}

async function writeMigration(name) {
  const { exitCode, stdout } = await diff();
  if (exitCode === 0) return console.log('schema and migrations agree: nothing to write');
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = path.join(migrations, `${time}_${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'migration.sql'), stdout);
  writeFileSync(path.join(migrations, 'migration_lock.toml'), 'provider = "postgresql"\n');
  console.log(path.relative(root, folder));
}

async function check() {
  const { exitCode, stdout } = await diff();
  if (exitCode === 0) return console.log('schema and migrations agree');
  console.error(`${stdout}\nThe migrations lack this. Write one: npm run migration -- <name>`);
  process.exitCode = 1;
}

async function deploy() {
  const outfile = path.join(root, 'dist/tools/migrate.cjs');
  await bundle('libs/database/src/migration/migrate.ts', outfile);
  await require(outfile).migrate(url, { directory: migrations });
}

const [command, name] = process.argv.slice(2);
if (command === 'new' && name) await writeMigration(name);
else if (command === 'check') await check();
else if (command === 'deploy') await deploy();
else {
  console.error('usage: node tools/migrate.mjs new <name> | check | deploy');
  process.exitCode = 64;
}
// The engine keeps its connections open for as long as the process lives.
process.exit();
