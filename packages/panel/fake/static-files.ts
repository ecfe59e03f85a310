import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** The strictest policy under which the panel works: no code inline, nothing from elsewhere, no code from text; the terminal writes its own styles. */
const contentSecurityPolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/** Sends a file of the built panel, or its first page for every address of the panel. */
export async function sendStatic(response: ServerResponse, folder: string | undefined, path: string): Promise<void> {
  if (folder === undefined) {
    response.writeHead(404).end();
    return;
  }
  // The name of a node has dots too: only what has a type that is served is a file.
  const isFile = Object.hasOwn(types, extname(path));
  const file = join(folder, isFile ? normalize(path) : 'index.html');
  const content = await readFile(file).catch(() => null);
  if (content === null) {
    response.writeHead(404).end();
    return;
  }
  response
    .writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
    })
    .end(content);
}
