import { shellQuoteAll } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Run } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import {
  noteReload,
  noteRestart,
  observeReload,
  observeService,
  reloadService,
  restartService,
  serviceState,
  type ServiceState,
} from '../host/service.ts';
import { missingPackagesScript } from '../packages/install-packages.ts';
import { installHere, installText } from './install-here.ts';
import { lookAtMarked, markedChanges, putChecked, readMarked, requireUntouched, type SeenFile } from './marked-file.ts';

/** A service of the network as its phase keeps it on hosts: packages, generated files, and a unit that reads them. */
export type KeptService = {
  /** What runs there, in labels: `dnsmasq`. */
  readonly name: string;
  readonly unit: string;
  readonly packages: readonly string[];
  /** Every file that it may have on a host. */
  readonly paths: readonly string[];
  /** Whether a change of this file is read by a reload; all else takes a restart. */
  readonly isReread: (path: string) => boolean;
};

/** The same, as a host shows it. */
export type SeenService = ServiceState & {
  /** The packages that are not there. */
  readonly missing: readonly string[];
  readonly seen: ReadonlyMap<string, SeenFile>;
  readonly reloadPending: boolean;
};

/** How a service comes to read what has changed. */
export type Due = 'restart' | 'reload' | undefined;

/** Lines of script that print what `readService` reads. */
const lookAtService = ({ packages, paths, unit }: KeptService): string => `
${missingPackagesScript(packages)}
${lookAtMarked(paths)}
${observeService(unit)}
${observeReload(unit)}
`;

/** What was printed. Pure. */
export function readService({ paths }: KeptService, output: string): SeenService {
  return {
    ...serviceState(output),
    missing: output.split('\n').flatMap((line) => (line.startsWith('missing=') ? [line.slice('missing='.length)] : [])),
    seen: readMarked(output, paths),
    reloadPending: readLines(output).get('reload') === 'yes',
  };
}

/** Looks at a service on a host; `more` are further lines of script, whose output comes with it. */
export async function observeKept(
  service: KeptService,
  host: HostRun,
  run: Run,
  more = '',
): Promise<{ readonly look: SeenService; readonly output: string }> {
  const options = { label: `look at ${service.name}`, sudo: true, signal: run.signal };
  const output = await runScript(connectionOf(host), `${lookAtService(service)}${more}`, options);
  return { look: readService(service, output), output };
}

const removal = 'remove ';

/**
 * The changes that leave a host with these files and no other of the service's.
 * @throws ProvisionError for one that somebody has changed by hand, unless the inventory says that it may go
 */
export function keptChanges({ paths }: KeptService, { seen }: SeenService, host: ClusterHost, files: readonly ManagedFile[]): Change[] {
  const stale = paths.filter((path) => (seen.get(path)?.state ?? 'none') !== 'none' && !files.some((file) => file.path === path));
  for (const path of stale) requireUntouched(host, path, seen.get(path)?.state ?? 'none');
  return [...markedChanges(host, files, seen, 'kept'), ...stale.map((path) => ({ what: `${removal}${path}` }))];
}

/** What a unit needs after these changes of its files, or of a run that ended before it read them. Pure. */
export function dueOf({ isReread }: KeptService, look: SeenService, changes: readonly Change[]): Due {
  const { active, enabled, restartPending, reloadPending } = look;
  const isAllReread = changes.every(({ what }) => isReread(what.slice(what.indexOf(' ') + 1)));
  if (!active || !enabled || restartPending || !isAllReread) return 'restart';
  return changes.length > 0 || reloadPending ? 'reload' : undefined;
}

/** A service's whole plan on a host: packages, `more` of its own, files, and what its unit needs then. */
export function planKept(
  service: KeptService,
  look: SeenService,
  host: ClusterHost,
  changes: readonly Change[],
  more: readonly Change[] = [],
): Change[] {
  const due = dueOf(service, look, changes);
  return [
    ...(look.missing.length === 0 ? [] : [{ what: installText(host, look.missing) }]),
    ...more,
    ...changes,
    ...(due === undefined ? [] : [{ what: `${due === 'restart' && !look.active ? 'start' : due} ${service.unit}` }]),
  ];
}

/** Installs what is missing. */
export async function installKept({ missing }: SeenService, host: HostRun, run: Run): Promise<void> {
  if (missing.length > 0) await installHere(host, run, missing);
}

/**
 * Puts the changed files in their places after `checkOf` (lines of script, see `putChecked`) and takes away those that are no longer wanted. What
 * the unit is owed is noted before. Returns that.
 */
export async function putKept(
  service: KeptService,
  look: SeenService,
  host: HostRun,
  run: Run,
  { files, checkOf }: { readonly files: readonly ManagedFile[]; readonly checkOf: (changed: readonly ManagedFile[]) => string },
): Promise<Due> {
  const connection = connectionOf(host);
  const changes = keptChanges(service, look, host.host, files);
  const due = dueOf(service, look, changes);
  const note = due === 'restart' ? noteRestart(service.unit) : noteReload(service.unit);
  const changed = files.filter(({ content }) => changes.some((change) => change.content === content));
  const label = `write the settings of ${service.name}`;
  await putChecked(connection, changed, { check: checkOf(changed), before: note, label, signal: run.signal });
  const gone = changes.flatMap(({ what }) => (what.startsWith(removal) ? [what.slice(removal.length)] : []));
  if (gone.length > 0) {
    const options = { label: `take old settings of ${service.name} away`, sudo: true, signal: run.signal };
    await runScript(connection, `set -eu\n${note}\nrm -f -- ${shellQuoteAll(gone)}`, options);
  }
  return due;
}

/** Makes the unit read what has changed; `how`, where it rereads not by a reload of systemd. */
export async function startKept({ unit }: KeptService, due: Due, host: HostRun, run: Run, how?: string): Promise<void> {
  if (due === undefined) return;
  const script = due === 'restart' ? restartService(unit) : reloadService(unit, how);
  await runScript(connectionOf(host), script, { label: `start ${unit}`, sudo: true, signal: run.signal });
}

/** The plan of a service that is off: one line, where anything of it is there. @throws ProvisionError for a file changed by hand */
export function planKeptOff({ seen }: SeenService, { host }: HostRun, what: string): Change[] {
  if ([...seen.values()].every(({ state }) => state === 'none')) return [];
  for (const [path, { state }] of seen) requireUntouched(host, path, state);
  return [{ what }];
}

/** Script that stops a unit of Muster's own and takes it and these files and folders away. */
export const takeAwayScript = (unit: string, paths: readonly string[]): string => `
set -eu
systemctl disable --quiet --now ${unit} 2>/dev/null || true
rm -f /etc/systemd/system/${unit} /run/muster-restart-pending.${unit} /run/muster-reload-pending.${unit}
systemctl daemon-reload
systemctl reset-failed ${unit} 2>/dev/null || true
rm -rf ${shellQuoteAll(paths)}
`;
