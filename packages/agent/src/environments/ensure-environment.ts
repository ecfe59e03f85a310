import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactReference, EnsureEnvironment } from '@muster/api/agent';
import { buildArchive } from './build/archive.ts';
import { type BuildParts, buildEnvironment } from './build/build.ts';
import type { BuildUser } from './build/build-user.ts';
import { buildConda } from './build/conda.ts';
import { runOrFail } from './build/run-step.ts';
import { buildVenv } from './build/venv.ts';
import { discard, removeEmpty } from './disk/discard.ts';
import { makeFolder, placeFile, placeLink } from './disk/durable.ts';
import { type PresentEnvironment, presentEnvironment } from './disk/present-environments.ts';
import { sweepCache, sweepUnfinished, sweepVersions } from './disk/sweep.ts';
import type { VersionRecord } from './disk/version-record.ts';
import type { EngineAnswer, EngineParts } from './engine.ts';
import { fetchArtifact } from './fetch/fetch-artifact.ts';
import { listPackages } from './list-packages.ts';

/**
 * Brings a version to this host and makes it the one in use. Everything happens beside what is in use, which stays as it is until one
 * rename turns the link; cut off anywhere, the next call goes on. Doing it again changes nothing. @throws EnvironmentError
 */
export async function ensureEnvironment(task: EnsureEnvironment, parts: EngineParts): Promise<EngineAnswer> {
  const { paths, onStep } = parts;
  onStep('begin', `${task.name} ${task.version}`);
  await makeFolder(paths.root);
  await sweepUnfinished(paths);
  const before = await presentEnvironment(paths, task.name);
  const built = before.versions.find((one) => one.version === task.version && one.definitionSha256 === task.definitionSha256);
  const record = built ?? (await build(task, before, parts));
  const isInUse = before.current?.folder === record.folder;
  if (!isInUse) {
    onStep('switch', record.folder);
    await placeLink(paths.current(task.name), record.folder);
  }
  onStep('sweep', '');
  const stayed = await sweepVersions(paths, await presentEnvironment(paths, task.name), parts.findUsers);
  await sweepCache(paths, parts.fetch.now().getTime());
  const listing = await listPackages(paths.version(task.name, record.folder), task.version);
  const kept = stayed.length === 0 ? '' : ` Older versions stay as long as processes use them: ${stayed.join(', ')}.`;
  const what = isInUse ? 'was in use already' : built === undefined ? 'is built and in use' : 'is in use again';
  return { message: `Version ${task.version} of ${task.name} ${what}.${kept}`, output: JSON.stringify(listing) };
}

async function build(task: EnsureEnvironment, present: PresentEnvironment, parts: EngineParts): Promise<VersionRecord> {
  const { paths, onStep, user } = parts;
  const files = new Map<ArtifactReference, string>();
  for (const artifact of task.artifacts) {
    onStep('fetch', `${files.size + 1} of ${task.artifacts.length}: ${artifact.name}`);
    files.set(artifact, await fetchArtifact(artifact, { ...parts.fetch, paths, signal: parts.signal }));
  }
  const folder = folderFor(task, present);
  const prefix = paths.version(task.name, folder);
  await makeFolder(paths.environment(task.name));
  await makeFolder(paths.work);
  const work = join(paths.work, `${task.name}-${folder}`);
  for (const path of [prefix, work]) await makeFolderOf(path, user);
  onStep('build', task.recipe.kind);
  try {
    await buildIn({ ...parts, task, prefix, work, fileOf: (artifact) => files.get(artifact) ?? '' }, parts.condaPlaces);
    onStep('own', '');
    await giveToRoot(prefix, work, parts);
    await parts.sync(prefix);
  } catch (error) {
    // Half of a version is of no use to anybody, and its disk may be what was missing.
    await discard(paths, prefix);
    await removeEmpty(paths.environment(task.name));
    throw error;
  } finally {
    await discard(paths, work);
    await removeEmpty(paths.work);
  }
  const record: VersionRecord = {
    version: task.version,
    folder,
    definitionSha256: task.definitionSha256,
    kind: task.recipe.kind,
    artifacts: task.artifacts.map(({ sha256 }) => sha256),
  };
  onStep('record', folder);
  await placeFile(paths.record(task.name, folder), `${JSON.stringify(record)}\n`);
  return record;
}

/**
 * A number stands for one definition, except after a server was restored from a backup and counts again: then the folder carries a
 * part of the hash, and what is in use under that number stays untouched.
 */
function folderFor({ version, definitionSha256 }: EnsureEnvironment, { versions }: PresentEnvironment): string {
  const taken = versions.some(({ folder }) => folder === String(version));
  return taken ? `${version}-${definitionSha256.slice(0, 8)}` : String(version);
}

async function makeFolderOf(path: string, user: BuildUser): Promise<void> {
  await mkdir(path, { mode: 0o755 });
  if (user !== undefined) await chown(path, user.uid, user.gid);
}

function buildIn(parts: BuildParts, condaPlaces: readonly string[] | undefined): Promise<void> {
  const { kind } = parts.task.recipe;
  if (kind === 'archive') return buildArchive(parts);
  return kind === 'venv' ? buildVenv(parts) : buildConda(parts, condaPlaces);
}

/** From here on nobody but root can change it: what one user's job finds, every other's does. */
async function giveToRoot(prefix: string, work: string, { user, signal }: EngineParts): Promise<void> {
  if (user === undefined) return;
  const step = { cwd: '/', environment: buildEnvironment(work), user: undefined, signal };
  await runOrFail({ ...step, argv: ['chown', '--no-dereference', '--recursive', '0:0', '--', prefix] }, 'chown');
  await runOrFail({ ...step, argv: ['chmod', '--recursive', 'u-s,g-s,u+rwX,go+rX,go-w', '--', prefix] }, 'chmod');
}
