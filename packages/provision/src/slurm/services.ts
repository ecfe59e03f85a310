import type { Connection } from '@muster/ssh';
import { fileChange, hashLine, type ManagedFile, writeManaged } from '../host/managed-file.ts';
import { runScript } from '../host/run-script.ts';
import { noteRestart, observeService, restartService, serviceState, type ServiceState } from '../host/service.ts';
import { noteFiles } from '../host/undo-notes.ts';
import { jobsDrainedMark } from './move-jobs.ts';
import { gresConfPath, slurmConfPath, slurmLocalPath, slurmStateFolder } from './slurm-conf.ts';
import type { Change } from '../engine/phase.ts';

export type Daemon = 'munge.service' | 'slurmctld.service' | 'slurmd.service';

export const mungeKeyPath = '/etc/munge/munge.key';
const paths = [slurmConfPath, '/etc/slurm/cgroup.conf', gresConfPath];

/** What a machine of the cluster has of it. */
export type SlurmSeen = {
  readonly hashes: ReadonlyMap<string, string>;
  readonly services: ReadonlyMap<Daemon, ServiceState>;
  /** A run has drained it for a reboot and was cut off. */
  readonly isDrained: boolean;
};

/** Lines of script that print what `readSeen` reads. */
export const seenScript = (daemons: readonly Daemon[]): string => `
if [ -e ${jobsDrainedMark} ]; then echo drained=yes; fi
${[...paths, mungeKeyPath].map((path) => hashLine(path, path)).join('\n')}
${daemons.map((daemon) => `echo service=${daemon}\n${observeService(daemon)}`).join('\n')}
`;

/** Reads what `seenScript` printed. */
export function readSeen(output: string): SlurmSeen {
  const [files = '', ...services] = output.split(/^service=/mu);
  const hashes = new Map(
    files.split('\n').flatMap((line): [string, string][] => {
      const equals = line.lastIndexOf('=');
      return equals < 1 ? [] : [[line.slice(0, equals), line.slice(equals + 1)]];
    }),
  );
  return {
    hashes,
    services: new Map(services.map((text) => [(text.split('\n')[0] ?? '') as Daemon, serviceState(text)])),
    isDrained: hashes.get('drained') === 'yes',
  };
}

/** The files that differ. */
export const fileChanges = (seen: SlurmSeen, files: readonly ManagedFile[] | undefined): Change[] =>
  files === undefined
    ? [{ what: `write ${slurmConfPath}` }]
    : files.flatMap((file) => fileChange(file, seen.hashes.get(file.path) ?? 'none'));

/** The daemons to start anew: those that do not run or start at boot, those left unfinished, and those that read what changes. */
export const dueDaemons = ({ services }: SlurmSeen, stale: readonly Daemon[]): Daemon[] =>
  [...services].flatMap(([daemon, { active, enabled, restartPending }]) =>
    active && enabled && !restartPending && !stale.includes(daemon) ? [] : [daemon],
  );

/** The same in words. */
export const serviceChanges = (seen: SlurmSeen, stale: readonly Daemon[]): Change[] =>
  dueDaemons(seen, stale).map((daemon) => ({
    what: `${seen.services.get(daemon)?.active === true ? 'restart' : 'start'} ${daemon}`,
  }));

/** Writes the files, keeping what was there before a first run, and makes the folders of the daemons. */
export async function writeFiles(
  connection: Connection,
  files: readonly ManagedFile[],
  { daemons, signal }: { readonly daemons: readonly Daemon[]; readonly signal: AbortSignal },
): Promise<void> {
  const script = `
set -eu
${daemons.map((daemon) => noteRestart(daemon)).join('\n')}
${noteFiles(paths)}
if [ ! -e ${slurmLocalPath} ]; then ${noteFiles([slurmLocalPath])} fi
# What was there before keeps its owner and mode.
make() { [ -d "$4" ] || install -d -m "$1" -o "$2" -g "$3" "$4"; }
make 0755 root root /etc/slurm
[ -s ${slurmLocalPath} ] || echo '# Lines of your own, read by slurm.conf: Slurm complains of an empty file.' > ${slurmLocalPath}
make 0755 slurm slurm /var/lib/slurm
make 0755 slurm slurm /var/log/slurm
make 0700 slurm slurm ${slurmStateFolder}
make 0755 root root /var/lib/slurm/slurmd
`;
  await runScript(connection, script, { label: 'make the folders of Slurm', sudo: true, signal });
  for (const file of files) await writeManaged(connection, file, signal);
}

/** Puts services in force in this order. */
export async function restartAll(connection: Connection, daemons: readonly Daemon[], signal: AbortSignal): Promise<void> {
  if (daemons.length === 0) return;
  const script = daemons.map((daemon) => restartService(daemon)).join('\n');
  await runScript(connection, script, { label: `start ${daemons.join(' and ')}`, sudo: true, signal });
}
