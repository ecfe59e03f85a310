import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { flagVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import {
  type Daemon,
  dueDaemons,
  fileChanges,
  mungeKeyPath,
  readSeen,
  restartAll,
  seenScript,
  serviceChanges,
  type SlurmSeen,
  writeFiles,
} from './services.ts';
import { sharedFiles } from './shared-files.ts';
import { gresConfPath, slurmConfPath, slurmMarker } from './slurm-conf.ts';

/** A line for each node. */
const maxConfigurationBytes = 64 * 1024 * 1024;

const allDaemons: readonly Daemon[] = ['munge.service', 'slurmctld.service'];

const before = (path: string) => `cat ${path} 2>/dev/null || true`;

/** Waits until the controller answers; says what it logged when it does not. */
const waitScript = `
i=0
while [ $i -lt 60 ]; do
  if scontrol ping 2>/dev/null | grep -q 'is UP'; then exit 0; fi
  i=$((i + 1)); sleep 0.5
done
journalctl -u slurmctld.service -n 15 --no-pager -o cat >&2
exit 1
`;

/** The controller of Slurm: the configuration of the cluster, the munge key, slurmctld. Running jobs go on over its restart. */
export const slurmControllerPhase: Phase<SlurmSeen> = {
  name: 'slurm-controller',
  needs: ['slurm-packages'],
  informs: true,
  concerns: ({ roles }) => roles.includes('slurm-controller'),
  observe: async (host, run) => {
    const connection = connectionOf(host);
    const look = (script: string, label: string) =>
      runScript(connection, script, { label, sudo: true, signal: run.signal, maxOutputBytes: maxConfigurationBytes });
    const seen = readSeen(await look(seenScript(allDaemons), 'look at the controller of Slurm'));
    const slurm = await look(before(slurmConfPath), 'look at slurm.conf');
    requireOurs(host, slurm);
    const files = sharedFiles(run, { slurm, gres: await look(before(gresConfPath), 'look at gres.conf') });
    run.slurm = { files, keyHash: seen.hashes.get(mungeKeyPath) ?? 'none' };
    return seen;
  },
  plan: (seen, _host, run) => {
    const files = fileChanges(seen, run.slurm?.files);
    const key = run.slurm?.keyHash === 'none' ? [{ what: 'make the munge key' }] : [];
    return [...files, ...key, ...serviceChanges(seen, staleOf(seen, run))];
  },
  act: async (seen, host, run) => {
    const { signal } = run;
    const connection = connectionOf(host);
    const daemons = dueDaemons(seen, staleOf(seen, run));
    // A machine that is also a node has read the same files: the phase of the nodes finds that noted.
    const isNode = host.host.roles.includes('slurm-node') && fileChanges(seen, run.slurm?.files).length > 0;
    const noted = isNode ? [...daemons, 'slurmd.service' as const] : daemons;
    await writeFiles(connection, requireFiles(run), { daemons: noted, signal });
    await runScript(connection, makeKey, { label: 'make the munge key', sudo: true, signal });
    await restartAll(connection, daemons, signal);
    const output = await runScript(connection, seenScript([]), { label: 'look at the munge key', sudo: true, signal });
    run.slurm = { files: requireFiles(run), keyHash: readSeen(output).hashes.get(mungeKeyPath) ?? 'none' };
  },
  verify: async (host, run) => {
    await runScript(connectionOf(host), waitScript, { label: 'wait for slurmctld', sudo: true, signal: run.signal });
  },
};

/** A Slurm that somebody else has configured is not taken over without a word. @throws ProvisionError */
function requireOurs({ host }: HostRun, configuration: string): void {
  if (configuration.trim() === '' || configuration.startsWith(slurmMarker) || flagVariable(host, 'slurm_take_over', false)) return;
  throw new ProvisionError(
    `${host.name} has a ${slurmConfPath} that Muster did not write. Set slurm_take_over=yes for it to be replaced (a reset brings it back), or leave ${host.name} out of Slurm.`,
  );
}

const staleOf = (seen: SlurmSeen, { slurm }: Run): Daemon[] => [
  ...(slurm?.keyHash === 'none' ? (['munge.service'] as const) : []),
  ...(fileChanges(seen, slurm?.files).length > 0 || slurm?.keyHash === 'none' ? (['slurmctld.service'] as const) : []),
];

/** The package makes a key of its own; where it did not, this does. */
const makeKey = `
set -eu
if [ ! -s ${mungeKeyPath} ]; then
  umask 077
  dd if=/dev/urandom of=${mungeKeyPath}.new bs=128 count=8 status=none
  chown munge:munge ${mungeKeyPath}.new
  chmod 0600 ${mungeKeyPath}.new
  mv ${mungeKeyPath}.new ${mungeKeyPath}
fi
`;

function requireFiles(run: Run) {
  const files = run.slurm?.files;
  if (files === undefined) throw new ProvisionError('The nodes of Slurm have not been looked at yet.');
  return files;
}

/** The controller that the nodes of a run belong to. @throws ProvisionError when a phase has failed on it */
export function slurmControllerOf(run: Run): HostRun {
  const controller = run.hosts.find(({ host, failed }) => host.roles.includes('slurm-controller') && failed !== true);
  if (controller?.connection !== undefined) return controller;
  throw new ProvisionError(
    'The controller of Slurm has failed, and no node joins without it. Mend that host first, then run the same command again.',
  );
}
