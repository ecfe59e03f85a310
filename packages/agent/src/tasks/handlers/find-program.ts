import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

/** Where programs are looked for: what a login of root has. */
export const programPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The path of a program that is named as in PATH; a path from the root as it is, because what the agent's own view of the files hides may be
 * there. Undefined when there is none, and for a path from somewhere.
 */
export async function findProgram(name: string, path: string = programPath): Promise<string | undefined> {
  if (name.startsWith('/')) return name;
  if (name === '' || name.includes('/')) return undefined;
  for (const folder of path.split(':')) {
    const candidate = join(folder, name);
    const isThere = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return candidate;
  }
  return undefined;
}
