import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { ProvisionRun } from '@muster/api';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';

/** So many of the newest runs are kept. */
const mostRuns = 200;

/** A run as its machine keeps it: with the process that it is, or was. */
const KeptRun = ProvisionRun.extend({ process: z.number().int() });
export type KeptRun = z.infer<typeof KeptRun>;

/** Where runs are kept: a person's own folder of state (XDG Base Directory Specification). */
export function runFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment['XDG_STATE_HOME'];
  // The specification: what is not absolute is to be ignored.
  const folder = given?.startsWith('/') === true ? given : join(environment['HOME'] ?? homedir(), '.local', 'state');
  return join(folder, 'muster', 'runs');
}

/** Names sort as the runs have begun. */
const fileOf = ({ startedAt, id }: ProvisionRun): string => `${startedAt.replaceAll(/[:.]/gu, '-')}_${id}.json`;

/** Writes a run, whole or not at all, for its owner only; the oldest beyond the newest 200 go. */
export async function writeRun(folder: string, run: KeptRun): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = join(folder, `.${randomUUID()}`);
  await writeFile(fresh, `${JSON.stringify(run)}\n`, { mode: 0o600 });
  await rename(fresh, join(folder, fileOf(run)));
  const old = (await runFiles(folder)).slice(mostRuns);
  await Promise.all(old.map((name) => rm(join(folder, name), { force: true })));
}

const runFiles = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => []))
    .filter((name) => !name.startsWith('.') && name.endsWith('.json'))
    .toSorted()
    .toReversed();

/** The kept runs, newest first; one that was killed is `interrupted`. What is no run is left out. */
export async function readRuns(folder: string): Promise<ProvisionRun[]> {
  const runs = await Promise.all((await runFiles(folder)).map((name) => readRun(join(folder, name))));
  return runs.filter((run) => run !== undefined);
}

async function readRun(path: string): Promise<ProvisionRun | undefined> {
  try {
    const { process, ...run } = KeptRun.parse(JSON.parse(await readFile(path, 'utf8')));
    return run.state === 'running' && run.machine === hostname() && !isAlive(process) ? { ...run, state: 'interrupted' } : run;
  } catch {
    return undefined;
  }
}

function isAlive(process_: number): boolean {
  try {
    return process.kill(process_, 0);
  } catch (error) {
    // A process of somebody else is one too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The run whose id begins so. @throws CliError when there is none, or more than one */
export function runNamed<Run extends { readonly id: string }>(runs: readonly Run[], given: string): Run {
  const found = runs.filter(({ id }) => id.startsWith(given.toLowerCase()));
  const [run, second] = found;
  if (run !== undefined && second === undefined) return run;
  throw new CliError(
    run === undefined
      ? `There is no run ${given}. "muster runs" lists them.`
      : `${given} begins the ids of ${found.length} runs: say more of it.`,
  );
}
