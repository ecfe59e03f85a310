import { stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EnvironmentError } from '../environment-error.ts';
import { makeFolder } from './durable.ts';
import { namesIn } from './present-environments.ts';

/** By this a folder is known as one of environments: whatever else lies in there may be swept away. */
const markFile = '.muster-environments';

/** What a fresh disk brings along. */
const harmless: readonly string[] = ['lost+found'];

/** Makes the folder of environments, or takes one that is empty. @throws EnvironmentError for one in which something else lies */
export async function claimFolder(root: string): Promise<void> {
  await makeFolder(root);
  const names = await namesIn(root);
  if (names.includes(markFile)) return;
  const others = names.filter((name) => !harmless.includes(name));
  if (others.length > 0) {
    const shown = others.slice(0, 3).join(', ');
    throw new EnvironmentError(
      'definition',
      `${root} on the node is not empty (${shown}) and not known as a folder of environments. Empty it, or name another one as "environmentsDir" in /etc/muster/agent.json.`,
    );
  }
  await writeFile(join(root, markFile), 'Muster keeps environments in this folder, and removes whatever else lies in it.\n', {
    mode: 0o644,
  });
}

/** Others have to come to it: whoever builds, and whoever uses what was built. @throws EnvironmentError that names the folder in the way */
export async function requireReachable(root: string): Promise<void> {
  for (let folder = root; folder !== dirname(folder); folder = dirname(folder)) {
    const { mode } = await stat(folder);
    if ((mode & 0o001) === 0)
      throw new EnvironmentError(
        'definition',
        `${root} on the node cannot be reached by other users because of ${folder}. Open that folder (chmod o+x), or name another one as "environmentsDir" in /etc/muster/agent.json.`,
      );
  }
}
