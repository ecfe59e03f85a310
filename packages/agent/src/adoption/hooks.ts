import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, systemCodeOf } from '../agent-error.ts';
import { namesIn } from '../state/durable-files.ts';
import { runCommand } from '../tasks/run-command.ts';
import { hookUnit, stopHookUnit } from './hook-unit.ts';
import type { RunProgram } from '../run-program.ts';

/** What became of one hook. */
export type HookReport = { readonly name: string; readonly ok: boolean; readonly message: string };

export type HookParts = {
  /** `/etc/muster/hooks.d`. */
  readonly folder: string;
  readonly run: RunProgram;
  /** Whether hooks run as units of systemd, outside the agent's own restrictions. */
  readonly usesSystemd: () => Promise<boolean>;
  readonly timeoutSeconds: number;
};

/** What a hook is told. */
export type HookCall = { readonly publishedFolder: string; readonly nodeName: string };

type Found = { readonly name: string; readonly refusedBecause: string | undefined };

const hookName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,80}(?:\.sh)?$/u;
const othersMayWrite = 0o022;
const anybodyMayRun = 0o111;
const maxHooks = 50;
const longestMessage = 500;

/**
 * Runs the programs by which an administrator lets the services of the host take a new certificate: in the order of their names, each
 * for so long, one after the other, whatever becomes of those before. Never throws.
 */
export async function runHooks(parts: HookParts, call: HookCall): Promise<readonly HookReport[]> {
  const reports: HookReport[] = [];
  for (const { name, refusedBecause } of await findHooks(parts.folder)) {
    if (refusedBecause === undefined) reports.push(await runHook(parts, name, call));
    else reports.push({ name, ok: false, message: `not run: ${refusedBecause}` });
  }
  return reports;
}

/** The hooks in order. One that somebody else than the agent's own user could have written is not run, and named. */
async function findHooks(folder: string): Promise<readonly Found[]> {
  const all = (await namesIn(folder)).toSorted();
  const names = all.filter((name) => hookName.test(name)).slice(0, maxHooks);
  if (names.length === 0) return [];
  const ofFolder = await refusalOf(folder, (found) => found.isDirectory());
  if (ofFolder !== undefined) return names.map((name) => ({ name, refusedBecause: `the folder ${folder} ${ofFolder}` }));
  return Promise.all(names.map(async (name) => ({ name, refusedBecause: await refusalOfFile(join(folder, name)) })));
}

type Stats = Awaited<ReturnType<typeof stat>>;

async function refusalOfFile(path: string): Promise<string | undefined> {
  const refusal = await refusalOf(path, (found) => found.isFile());
  if (refusal !== undefined) return refusal;
  const { mode } = await stat(path);
  return (mode & anybodyMayRun) === 0 ? 'cannot be executed (chmod 755)' : undefined;
}

async function refusalOf(path: string, isKind: (found: Stats) => boolean): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (!isKind(found)) return 'is not what it should be: a folder of executable files was expected';
    if (found.uid !== process.getuid?.()) return 'does not belong to the user of the agent';
    return (found.mode & othersMayWrite) === 0 ? undefined : 'can be written by others than its owner (chmod go-w)';
  } catch (error) {
    return systemCodeOf(error) === 'ENOENT' ? 'leads nowhere' : messageOf(error);
  }
}

async function runHook(parts: HookParts, name: string, { publishedFolder, nodeName }: HookCall): Promise<HookReport> {
  const { folder, run, usesSystemd, timeoutSeconds } = parts;
  const program = join(folder, name);
  const environment = { PATH: programPath, LANG: 'C.UTF-8', MUSTER_PKI: publishedFolder, MUSTER_NODE: nodeName };
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const argv = [program, publishedFolder] as const;
  if (!(await usesSystemd())) return reportOf(name, await runCommand({ argv, environment, signal: timeout }), timeout, timeoutSeconds);
  const unit = hookUnit({ name, argv, environment, timeoutSeconds });
  const stop = (): void => void stopHookUnit(run, unit.name);
  return reportOf(name, await runCommand({ argv: unit.argv, environment, signal: timeout, stop }), timeout, timeoutSeconds);
}

const programPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

type End = Awaited<ReturnType<typeof runCommand>>;

function reportOf(name: string, { end, output }: End, timeout: AbortSignal, timeoutSeconds: number): HookReport {
  // The last words say most: a program tells in the end why it gives up.
  const said = messageOf(output).slice(-longestMessage);
  const withWords = (what: string): string => (said === '' ? what : `${what}: ${said}`);
  if (timeout.aborted) return { name, ok: false, message: withWords(`not done within ${timeoutSeconds} s; it was ended`) };
  if (end.kind === 'exited') return { name, ok: end.status === 0, message: withWords(`exit status ${end.status}`) };
  if (end.kind === 'signalled') return { name, ok: false, message: withWords(`ended by ${end.signal}`) };
  return { name, ok: false, message: end.kind === 'stuck' ? 'it could not be ended' : `could not be started: ${end.reason}` };
}
