import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from '../cli-error.ts';

/** Where a server's socket is looked for when none is named: a checkout, a systemd service, a server started by root. */
const usualPlaces = ['.muster/muster.sock', '/run/muster/muster.sock', '/var/lib/muster/muster.sock'];

/** The socket to speak through: the one named by option or variable, else the first that exists. */
export function findSocket(named: string | undefined, places: readonly string[] = usualPlaces): string {
  if (named !== undefined) return resolve(named);
  const found = places.find((path) => isThere(path));
  if (found !== undefined) return trusted(found);
  throw new CliError(
    `No Muster server runs here: no socket at ${places.join(', ')}. Start one with "muster up", run this on the server, or name its socket with --socket.`,
  );
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/**
 * A relative place is wherever the command happens to be run: a stranger's folder may hold a stranger's socket, whose answers an
 * administrator would take for his server's.
 */
function trusted(path: string): string {
  const owner = lstatSync(path).uid;
  const own = process.getuid?.();
  if (path.startsWith('/') || owner === 0 || owner === own) return resolve(path);
  throw new CliError(`The socket ${resolve(path)} belongs to another user (${owner}). If that server is yours, name it: --socket ${path}.`);
}
