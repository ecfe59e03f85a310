import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lint/project.ts';

/** A file of the project's own. */
export type SourceFile = { readonly path: string; readonly text: string; readonly lineCount: number };

const hidden = new Set(['node_modules', 'dist', 'coverage', 'test-results', '.git', '.muster', '.lab']);

/** Every TypeScript, style and shell file of the project, by path from the root; nothing generated or installed. */
export function readSourceFiles(): SourceFile[] {
  return walk('')
    .filter((path) => /\.(?:tsx?|css|sql|sh)$/u.test(path))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, lineCount: text.split('\n').length - (text.endsWith('\n') ? 1 : 0) };
    });
}

function walk(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).filter((entry) => !hidden.has(entry.name));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : entry.isFile() ? [path] : [];
  });
}
