import { rm } from 'node:fs/promises';
import type { RemoveEnvironment } from '@muster/api/agent';
import { discard } from './disk/discard.ts';
import { makeFolder, syncFolder } from './disk/durable.ts';
import { namesIn } from './disk/present-environments.ts';
import { sweepCache, sweepUnfinished } from './disk/sweep.ts';
import type { EngineAnswer, EngineParts } from './engine.ts';
import { EnvironmentError } from './environment-error.ts';

/**
 * Takes every version of an environment away, and what only it needed of the cache. While processes use it, it stays whole, unless the task
 * says otherwise. Doing it again changes nothing. @throws EnvironmentError
 */
export async function removeEnvironment({ name, force }: RemoveEnvironment, parts: EngineParts): Promise<EngineAnswer> {
  const { paths, onStep } = parts;
  onStep('begin', name);
  await makeFolder(paths.root);
  await sweepUnfinished(paths);
  const folder = paths.environment(name);
  const isThere = (await namesIn(folder)).length > 0;
  if (isThere && !force) await refuseWhileUsed(name, parts);
  onStep('switch', '');
  // The way in first: nothing begins with what is about to go.
  await rm(paths.current(name), { force: true });
  if (isThere) await discard(paths, folder);
  onStep('sweep', '');
  await sweepCache(paths, parts.fetch.now().getTime());
  await syncFolder(paths.root);
  return { message: isThere ? `${name} is removed.` : `${name} was not there.`, output: '' };
}

/** How many of them are named. */
const shown = 5;

async function refuseWhileUsed(name: string, { paths, findUsers }: EngineParts): Promise<void> {
  const users = await findUsers([paths.environment(name), ...paths.otherWays.map((way) => `${way}/${name}`)]);
  if (users.length === 0) return;
  const named = users.slice(0, shown).map((one) => `${one.name} (${one.pid})`);
  const rest = users.length > shown ? ` and ${users.length - shown} more` : '';
  throw new EnvironmentError(
    'passing',
    `${name} is in use by ${named.join(', ')}${rest}. It goes when they have ended, or by force: muster env remove ${name} --force.`,
  );
}
