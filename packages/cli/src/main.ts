import { homedir } from 'node:os';
import { join } from 'node:path';
import module from 'node:module';

// What the engine has compiled is kept for the next command: in a folder of the user's own, because who can write there can run programs as him.
// Not where apply has installed the command: a reset leaves nothing there, in no one's home.
if (!import.meta.dirname.startsWith('/opt/muster')) {
  module.enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'muster', 'compiled'));
}
const { runCli } = await import('./run-cli.ts');

// Whoever reads may have had enough: `muster nodes | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await runCli(process.argv.slice(2));
