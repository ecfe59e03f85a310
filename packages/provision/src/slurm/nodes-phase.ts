import { shellQuote } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { slurmControllerOf } from './controller-phase.ts';
import { askForNode, takeJobsAgain } from './move-jobs.ts';
import { controllersOf } from './members.ts';
import { readKey, takeKey } from './munge-key.ts';
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

const allDaemons: readonly Daemon[] = ['munge.service', 'slurmd.service'];

/** The nodes of Slurm: the controller's key and configuration, slurmd, and a job that really runs on each. */
export const slurmNodesPhase: Phase<SlurmSeen> = {
  name: 'slurm-nodes',
  needs: ['slurm-controller'],
  concerns: ({ roles }) => roles.includes('slurm-node'),
  before: async (_hosts, run) => {
    slurmControllerOf(run);
    for (const controller of controllersOf(run)) requireInForce(controller);
  },
  observe: async (host, run) =>
    readSeen(
      await runScript(connectionOf(host), seenScript(allDaemons), { label: 'look at the node of Slurm', sudo: true, signal: run.signal }),
    ),
  plan: (seen, _host, run) => {
    const files = fileChanges(seen, run.slurm?.files);
    const key = hasKey(seen, run) ? [] : [{ what: 'take the munge key of the controller' }];
    const again = seen.isDrained ? [{ what: 'let the node take jobs again' }] : [];
    return [...files, ...key, ...serviceChanges(seen, staleOf(seen, run)), ...again];
  },
  beforeAct: async (_hosts, run) => {
    if (run.slurm === undefined) return;
    run.slurm.key = await runScript(connectionOf(slurmControllerOf(run)), readKey, {
      label: 'read the munge key',
      sudo: true,
      signal: run.signal,
    });
  },
  act: async (seen, host, run) => {
    const { signal } = run;
    const daemons = dueDaemons(seen, staleOf(seen, run));
    const connection = connectionOf(host);
    await writeFiles(connection, run.slurm?.files ?? [], { daemons, signal });
    if (!hasKey(seen, run))
      await runScript(connection, takeKey, { label: 'take the munge key', sudo: true, signal, stdin: run.slurm?.key ?? '' });
    await restartAll(connection, daemons, signal);
    if (seen.isDrained) await takeJobsAgain(host, run, (await askForNode(host, run)).node);
  },
  verify: async (host, run) => {
    await waitForIdle(host, run);
  },
};

/** A node with a newer slurm.conf than its controller would not work. @throws ProvisionError */
function requireInForce({ host, heldBack }: HostRun): void {
  const due = heldBack?.filter((phase) => phase.startsWith('slurm-')) ?? [];
  if (due.length === 0) return;
  throw new ProvisionError(
    `The controller of Slurm, ${host.name}, has changes due (${due.join(', ')}) and is outside --limit. Take it in: --limit '...,${host.name}'.`,
  );
}

const hasKey = (seen: SlurmSeen, run: Run): boolean =>
  run.slurm?.keyHash !== 'none' && seen.hashes.get(mungeKeyPath) === run.slurm?.keyHash;

const staleOf = (seen: SlurmSeen, run: Run): Daemon[] => [
  ...(hasKey(seen, run) ? [] : (['munge.service', 'slurmd.service'] as const)),
  ...(fileChanges(seen, run.slurm?.files).length > 0 ? (['slurmd.service'] as const) : []),
];

/** Until the controller takes the node for work, and, where nothing else runs there, until a job has answered from it. */
const waitScript = (name: string): string => `
node=${shellQuote(name)}
i=0
while [ $i -lt 120 ]; do
  state=$(sinfo -h -N -n "$node" -o %T 2>/dev/null | head -n 1)
  case "$state" in
    idle) exec srun --nodelist="$node" --nodes=1 --time=1 --immediate=30 --job-name=muster-verify true ;;
    drain*)
      # What a reset has drained and a run has made anew works again; what a person has drained stays so.
      case "$(sinfo -h -N -n "$node" -o %E 2>/dev/null | head -n 1)" in
        'muster reset'*) scontrol update nodename="$node" state=resume ;;
        *) exit 0 ;;
      esac
      ;;
    mixed*|allocated*|completing*|planned*|maint*|reserved*) exit 0 ;;
  esac
  i=$((i + 1)); sleep 0.5
done
echo "Slurm has the node as \${state:-unknown}: $(sinfo -h -N -n "$node" -o %E 2>/dev/null | head -n 1)" >&2
exit 1
`;

async function waitForIdle({ host }: HostRun, run: Run): Promise<void> {
  const controller = connectionOf(slurmControllerOf(run));
  await runScript(controller, waitScript(host.name), {
    label: `run a job on ${host.name}`,
    sudo: true,
    signal: run.signal,
    timeoutSeconds: 150,
  }).catch((error: unknown) => {
    if (!(error instanceof ProvisionError)) throw error;
    throw new ProvisionError(`${host.name} does not work for Slurm. ${error.message} Read there: journalctl -u slurmd`, { cause: error });
  });
}
