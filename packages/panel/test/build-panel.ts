import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const panelFolder = join(import.meta.dirname, '..');
// Not `dist`: that is what a running server serves, and a test that fails must not leave it half built.
const builtFolder = join(panelFolder, 'node_modules', '.panel-for-tests');
const viteFile = join(panelFolder, '..', '..', 'node_modules', 'vite', 'bin', 'vite.js');
const sources = ['src', 'public', 'index.html', 'vite.config.ts', '../api/src'];

async function newestMs(path: string): Promise<number> {
  const entry = await stat(path).catch(() => null);
  if (entry === null) return 0;
  if (!entry.isDirectory()) return entry.mtimeMs;
  const inside = await Promise.all((await readdir(path)).map((name) => newestMs(join(path, name))));
  return Math.max(0, ...inside);
}

/** Removes builds that no test can still be reading. */
async function removeOldBuilds(): Promise<void> {
  for (const name of await readdir(builtFolder).catch(() => [])) {
    const path = join(builtFolder, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > 600_000) await rm(path, { recursive: true, force: true });
  }
}

/** Builds the panel, unless it was built from the sources as they are now. Test files that run side by side may both build; each reads a whole build. */
export async function buildPanel(): Promise<string> {
  const changedMs = Math.max(...(await Promise.all(sources.map((name) => newestMs(join(panelFolder, name))))));
  const folder = join(builtFolder, String(Math.floor(changedMs)));
  if ((await stat(folder).catch(() => null)) !== null) return folder;
  const fresh = `${folder}.${process.pid}`;
  await removeOldBuilds();
  await mkdir(builtFolder, { recursive: true });
  await promisify(execFile)(process.execPath, [viteFile, 'build', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'error'], {
    cwd: panelFolder,
  });
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true, force: true }));
  return folder;
}
