import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { restoreLinks } from './postgres.binaries';

it('makes the links of the libraries where the install script was not allowed to, and leaves them alone afterwards', async () => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'parley-links-'));
  await mkdir(path.join(root, 'native/lib'), { recursive: true });
  await writeFile(path.join(root, 'native/lib/libpq.so.5.18'), 'library');
  const links = ['native/lib/libpq.so', 'native/lib/libpq.so.5'];
  const list = links.map((target) => ({ source: 'native/lib/libpq.so.5.18', target }));
  await writeFile(path.join(root, 'native/pg-symlinks.json'), JSON.stringify(list));

  await Promise.all([restoreLinks(root), restoreLinks(root)]);
  await restoreLinks(root);

  for (const link of links) expect(await readFile(path.join(root, link), 'utf8')).toBe('library');
  await rm(root, { recursive: true });
});
