// Bundles apps to dist/apps/<app>/main.js, with what they need beside them: node tools/build.mjs [app...]
// An app is named by its folder (`gateway`, `apps/gateway`); without names all apps are built.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundle, root } from './bundle.mjs';

const dist = path.join(root, 'dist');
const isApp = (name) => existsSync(path.join(root, 'apps', name, 'src/main.ts'));
const folders = async (dir) => (existsSync(dir) ? readdir(dir) : []);

const buildApp = (name) => bundle(`apps/${name}/src/main.ts`, `dist/apps/${name}/main.js`);

async function dropApps() {
  const gone = (await folders(path.join(dist, 'apps'))).filter((name) => !isApp(name));
  await Promise.all(gone.map((name) => rm(path.join(dist, 'apps', name), { recursive: true, force: true })));
}

/** Leaves alone what is the same already: another process may be reading it. */
async function copyChanged(source, target) {
  const [wanted, present] = await Promise.all([readFile(source), readFile(target).catch(() => undefined)]);
  if (present?.equals(wanted)) return;
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, wanted);
}

/** The migrations that a process applies by itself. */
async function copyMigrations() {
  const source = path.join(root, 'prisma/migrations');
  const target = path.join(dist, 'prisma/migrations');
  const wanted = await folders(source);
  const gone = (await folders(target)).filter((name) => !wanted.includes(name));
  await Promise.all(gone.map((name) => rm(path.join(target, name), { recursive: true, force: true })));
  const files = wanted.map((name) => (name.endsWith('.toml') ? name : path.join(name, 'migration.sql')));
  await Promise.all(files.map((file) => copyChanged(path.join(source, file), path.join(target, file))));
}

/** Redoc, so that /redoc is served from here and from no third party's host. */
async function copyAssets() {
  const source = path.join(root, 'node_modules/redoc/bundles');
  const target = path.join(dist, 'assets');
  const files = ['redoc.standalone.js', 'redoc.standalone.js.LICENSE.txt'];
  await Promise.all(files.map((file) => copyChanged(path.join(source, file), path.join(target, file))));
}

const wanted = process.argv.slice(2).map((name) => path.basename(name));
const unknown = wanted.filter((name) => !isApp(name));
if (unknown.length > 0) {
  console.error(`No such app: ${unknown.join(', ')} (apps/<app>/src/main.ts).`);
  process.exit(1);
}
const apps = wanted.length > 0 ? wanted : (await folders(path.join(root, 'apps'))).filter(isApp);

const startedAt = performance.now();
await Promise.all([...apps.map(buildApp), dropApps(), copyMigrations(), copyAssets()]);
console.log(`Built ${apps.join(', ')} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
