import { shellQuote } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run, SlurmShared } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { flagVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { controllersOf } from './members.ts';
import { makeKey, readKey, takeKey } from './munge-key.ts';
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
import { machineOf, sharedFiles } from './shared-files.ts';
import { gresConfPath, slurmConfPath, slurmMarker } from './slurm-conf.ts';

/** A line for each node. */
const maxConfigurationBytes = 64 * 1024 * 1024;

const allDaemons: readonly Daemon[] = ['munge.service', 'slurmctld.service'];

const before = (path: string) => `cat ${path} 2>/dev/null || true`;

/** Waits until the slurmctld of this host answers, whatever another one does; says what it logged when it does not. */
const waitScript = (hostname: string): string => `
end=$(($(date +%s) + 45))
while [ "$(date +%s)" -lt $end ]; do
  if scontrol ping 2>/dev/null | grep -q ${shellQuote(` at ${hostname} is UP`)}; then exit 0; fi
  sleep 0.5
done
journalctl -u slurmctld.service -n 15 --no-pager -o cat >&2
exit 1
`;

/**
 * The controllers of Slurm: the configuration of the cluster, the munge key, slurmctld. One at a time, the backups first, so there is always
 * one that answers; and no further when one does not come up again. Running jobs go on over a restart.
 */
export const slurmControllerPhase: Phase<SlurmSeen> = {
  name: 'slurm-controller',
  needs: ['slurm-state'],
  informs: true,
  atOnce: 1,
  order: (hosts, run) =>
    controllersOf(run)
      .filter((host) => hosts.includes(host))
      .toReversed(),
  concerns: ({ roles }) => roles.includes('slurm-controller'),
  before: async (hosts, run) => {
    run.slurm = await lookAtControllers(hosts, run);
  },
  observe: async (host, run) => requireSeen(host, run),
  plan: (seen, host, run) => [
    ...fileChanges(seen, run.slurm?.files),
    ...keyChange(seen, host, run),
    ...serviceChanges(seen, staleOf(seen, run)),
  ],
  beforeAct: async (hosts, run) => {
    requireTogether(hosts, run);
    await readyKey(hosts, run);
  },
  act: async (seen, host, run) => {
    requireOthersWell(host, run);
    const { signal } = run;
    const connection = connectionOf(host);
    const daemons = dueDaemons(seen, staleOf(seen, run));
    // A machine that is also a node has read the same files: the phase of the nodes finds that noted.
    const isNode = host.host.roles.includes('slurm-node') && (fileChanges(seen, run.slurm?.files).length > 0 || isKeyDue(seen, run));
    const noted = isNode ? [...daemons, 'slurmd.service' as const] : daemons;
    await writeFiles(connection, requireFiles(run), { daemons: noted, signal });
    if (isKeyDue(seen, run) && host.host.name !== run.slurm?.lead)
      await runScript(connection, takeKey, { label: 'take the munge key', sudo: true, signal, stdin: run.slurm?.key ?? '' });
    await restartAll(connection, daemons, signal);
  },
  verify: async (host, run) => {
    const options = { label: 'wait for slurmctld', sudo: true, signal: run.signal };
    await runScript(connectionOf(host), waitScript(machineOf(host).hostname), options);
  },
};

/** Looks at all of them, for what they share. The lead is the first that has a configuration of a run: a new machine takes over, it brings nothing. */
async function lookAtControllers(hosts: readonly HostRun[], run: Run): Promise<SlurmShared> {
  const ordered = controllersOf(run).filter((host) => hosts.includes(host));
  const looks = await Promise.all(ordered.map(async (host) => ({ host, ...(await lookAt(host, run)) })));
  const lead = looks.find(({ conf }) => conf.startsWith(slurmMarker)) ?? looks[0];
  if (lead === undefined) throw new ProvisionError('There is no controller of Slurm to look at.');
  const gres = await readText(lead.host, run, { script: before(gresConfPath), label: 'look at gres.conf' });
  return {
    files: sharedFiles(run, { slurm: lead.conf, gres }),
    keyHash: lead.seen.hashes.get(mungeKeyPath) ?? 'none',
    lead: lead.host.host.name,
    controllers: new Map(looks.map(({ host, seen }) => [host.host.name, seen])),
  };
}

async function lookAt(host: HostRun, run: Run): Promise<{ readonly seen: SlurmSeen; readonly conf: string }> {
  const seen = readSeen(await readText(host, run, { script: seenScript(allDaemons), label: 'look at the controller of Slurm' }));
  const conf = await readText(host, run, { script: before(slurmConfPath), label: 'look at slurm.conf' });
  requireOurs(host, conf);
  return { seen, conf };
}

const readText = (host: HostRun, run: Run, { script, label }: { readonly script: string; readonly label: string }): Promise<string> =>
  runScript(connectionOf(host), script, { label, sudo: true, signal: run.signal, maxOutputBytes: maxConfigurationBytes });

function requireSeen({ host }: HostRun, run: Run): SlurmSeen {
  const seen = run.slurm?.controllers.get(host.name);
  if (seen === undefined) throw new ProvisionError(`${host.name} was not looked at.`);
  return seen;
}

/** A Slurm that somebody else has configured is not taken over without a word. @throws ProvisionError */
function requireOurs({ host }: HostRun, configuration: string): void {
  if (configuration.trim() === '' || configuration.startsWith(slurmMarker) || flagVariable(host, 'slurm_take_over', false)) return;
  throw new ProvisionError(
    `${host.name} has a ${slurmConfPath} that Muster did not write. Set slurm_take_over=yes for it to be replaced (a reset brings it back), or leave ${host.name} out of Slurm.`,
  );
}

const isKeyDue = (seen: SlurmSeen, { slurm }: Run): boolean =>
  slurm?.keyHash === 'none' || seen.hashes.get(mungeKeyPath) !== slurm?.keyHash;

function keyChange(seen: SlurmSeen, { host }: HostRun, run: Run): Change[] {
  if (!isKeyDue(seen, run)) return [];
  return [
    { what: host.name === run.slurm?.lead ? 'make the munge key' : `take the munge key of ${run.slurm?.lead ?? 'the first controller'}` },
  ];
}

const staleOf = (seen: SlurmSeen, run: Run): Daemon[] => [
  ...(isKeyDue(seen, run) ? (['munge.service', 'slurmctld.service'] as const) : []),
  ...(fileChanges(seen, run.slurm?.files).length > 0 ? (['slurmctld.service'] as const) : []),
];

/** Controllers with different configurations would not work together. @throws ProvisionError */
function requireTogether(hosts: readonly HostRun[], run: Run): void {
  const due = controllersOf(run).find(({ heldBack }) => heldBack?.some((phase) => phase.startsWith('slurm-')) === true);
  if (due === undefined) return;
  throw new ProvisionError(
    `The controllers of Slurm change together, and ${due.host.name} is outside --limit. Take it in: --limit '${[...hosts, due].map(({ host }) => host.name).join(',')}'.`,
  );
}

/** Makes the key of the lead where there is none, and reads it where another one lacks it. */
async function readyKey(hosts: readonly HostRun[], run: Run): Promise<void> {
  const { slurm, signal } = run;
  const lead = run.hosts.find(({ host }) => host.name === slurm?.lead);
  if (slurm === undefined || lead === undefined || !hosts.some((host) => isKeyDue(requireSeen(host, run), run))) return;
  const connection = connectionOf(lead);
  await runScript(connection, makeKey, { label: 'make the munge key', sudo: true, signal });
  const output = await runScript(connection, seenScript([]), { label: 'look at the munge key', sudo: true, signal });
  run.slurm = { ...slurm, keyHash: readSeen(output).hashes.get(mungeKeyPath) ?? 'none' };
  if (hosts.length > 1 || hosts[0] !== lead)
    run.slurm.key = await runScript(connection, readKey, { label: 'read the munge key', sudo: true, signal });
}

/** The one that answers is left alone while another one has not come up with the same change. @throws ProvisionError */
function requireOthersWell({ host }: HostRun, run: Run): void {
  const fallen = run.hosts.find((other) => other.failed === true && run.slurm?.controllers.has(other.host.name) === true);
  if (fallen === undefined) return;
  throw new ProvisionError(
    `${host.name} was left as it is, because the controller ${fallen.host.name} has failed with the same change. Mend that host first, then run the same command again.`,
  );
}

function requireFiles(run: Run) {
  const files = run.slurm?.files;
  if (files === undefined) throw new ProvisionError('The nodes of Slurm have not been looked at yet.');
  return files;
}

/** The controller that answers for the nodes of a run: the first that works. @throws ProvisionError when a phase has failed on all */
export function slurmControllerOf(run: Run): HostRun {
  const controller = controllersOf(run).find(({ failed }) => failed !== true);
  if (controller?.connection !== undefined) return controller;
  throw new ProvisionError(
    'The controller of Slurm has failed, and no node joins without it. Mend that host first, then run the same command again.',
  );
}
