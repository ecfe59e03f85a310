import { createHash } from 'node:crypto';
import type { Connection } from '@muster/ssh';
import type { Change } from '../engine/phase.ts';

/** A file that a run keeps on a host. */
export type ManagedFile = {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
  /** `user:group`. Default: root's. */
  readonly owner?: string;
};

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

/** A line of script that prints `NAME=<sha256 of the file, or none>`. */
export const hashLine = (name: string, path: string): string =>
  `if [ -e ${path} ]; then printf '${name}=%s\\n' "$(sha256sum < ${path} | cut -d' ' -f1)"; else printf '${name}=none\\n'; fi`;

/** The change that makes a file what it should be, or none. */
export function fileChange(file: ManagedFile, observedHash: string | undefined): Change[] {
  return observedHash === sha256(file.content)
    ? []
    : [{ what: `${observedHash === 'none' ? 'write' : 'change'} ${file.path}`, content: file.content }];
}

/** Writes a file, atomically, as root. */
export async function writeManaged(connection: Connection, file: ManagedFile, signal: AbortSignal): Promise<void> {
  await connection.upload(Buffer.from(file.content), file.path, { mode: file.mode, owner: file.owner ?? 'root:root', sudo: true, signal });
}
