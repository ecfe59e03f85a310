import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from '../cli-error.ts';

/** Where a server's socket is looked for when none is named: a checkout, a systemd service, a server started by root. */
const usualPlaces = ['.muster/muster.sock', '/run/muster/muster.sock', '/var/lib/muster/muster.sock'];

/** The socket to speak through: the one named by option or variable, else the first that exists. */
export function findSocket(named: string | undefined, places: readonly string[] = usualPlaces): string {
  if (named !== undefined) return resolve(named);
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return resolve(found);
  throw new CliError(
    `No Muster server runs here: no socket at ${places.join(', ')}. Start one with "muster up", run this on the server, or name its socket with --socket.`,
  );
}
