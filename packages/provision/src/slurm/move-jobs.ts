import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { undoFolder } from '../host/undo-notes.ts';

/** What Slurm says of a machine: the name by which it knows it, and its state; empty where there is no Slurm, or nobody answers. */
export type SlurmNode = { readonly node: string; readonly state: string };

/** Why a node is drained, as Slurm shows it; empty where a person has drained it already, and only its jobs are waited for. */
type DrainReason = 'muster reset' | 'muster reboot' | '';

/** Stands from the drain of a node that is to reboot until it takes jobs again. */
export const jobsDrainedMark = `${undoFolder}/slurm-drained`;

const lookScript = `
host=$(hostname -s 2>/dev/null || hostname)
node=$(sed -n "s/^NodeName=\\([^ ]*\\) NodeHostname=$host .*/\\1/p" /etc/slurm/slurm.conf 2>/dev/null | head -n 1)
printf 'node=%s\\n' "$node"
if [ -n "$node" ] && command -v sinfo >/dev/null 2>&1; then
  printf 'state=%s\\n' "$(timeout 10 sinfo -h -N -n "$node" -o %T 2>/dev/null | head -n 1)"
fi
`;

/** Asks Slurm on the machine itself. Changes nothing. */
export async function askForNode(host: HostRun, run: Run): Promise<SlurmNode> {
  const options = { label: 'ask Slurm for the node', sudo: true, signal: run.signal };
  const lines = readLines(await runScript(connectionOf(host), lookScript, options));
  return { node: lines.get('node') ?? '', state: lines.get('state') ?? '' };
}

/** Lets running jobs end, an hour at most; new ones are not started there. */
const drainScript = `
set -eu
read -r node
read -r reason
[ -z "$reason" ] || scontrol update nodename="$node" state=drain reason="$reason"
end=$(($(date +%s) + 3600))
# A controller that does not answer has not said that nothing runs.
until jobs=$(squeue -h -w "$node" -t running,completing -o %i) && [ -z "$jobs" ]; do
  if [ "$(date +%s)" -ge $end ]; then
    echo "jobs still run on it after an hour: $(printf '%s ' $jobs); cancel them with scancel, or wait, and run the same command again" >&2
    exit 1
  fi
  sleep 1
done
`;

/** Waits until no job runs on a node, and none is begun. @throws ProvisionError when jobs still run after an hour */
export async function moveJobsAway(host: HostRun, run: Run, { node, reason }: { node: string; reason: DrainReason }): Promise<void> {
  const options = { label: `drain ${node}`, sudo: true, signal: run.signal, timeoutSeconds: 4000, stdin: `${node}\n${reason}\n` };
  await runScript(connectionOf(host), drainScript, options);
}

/** Before the drain: a run that is cut off leaves the next one to take it back. */
export async function noteJobsDrained(host: HostRun, run: Run): Promise<void> {
  const script = `mkdir -p -m 0700 ${undoFolder}; : > ${jobsDrainedMark}`;
  await runScript(connectionOf(host), script, { label: 'note the drain of jobs', sudo: true, signal: run.signal });
}

/** Until its slurmd has answered the controller. What a person has drained meanwhile stays so. */
const againScript = `
set -eu
read -r node
ask() { timeout 10 sinfo -h -N -n "$node" -o "$1" 2>/dev/null | head -n 1; }
end=$(($(date +%s) + 120))
while :; do
  state=$(ask %T)
  case "$state" in
    ''|unk*|*'*') ;;
    drain*)
      case "$(ask %E)" in 'muster reboot'*) scontrol update nodename="$node" state=resume ;; esac
      break ;;
    down*|fail*) ;;
    *) break ;;
  esac
  if [ "$(date +%s)" -ge $end ]; then
    echo "Slurm has the node as \${state:-unknown} two minutes after its reboot: $(ask %E); read there: journalctl -u slurmd" >&2
    exit 1
  fi
  sleep 0.5
done
rm -f ${jobsDrainedMark}
`;

/** Lets a node that was drained for a reboot take jobs again. May be repeated. @throws ProvisionError when it does not answer in two minutes */
export async function takeJobsAgain(host: HostRun, run: Run, node: string): Promise<void> {
  const options = { label: `resume ${node}`, sudo: true, signal: run.signal, timeoutSeconds: 240, stdin: `${node}\n` };
  await runScript(connectionOf(host), againScript, options);
}

const controllerScript = `
end=$(($(date +%s) + 120))
until timeout 10 sinfo -h >/dev/null 2>&1; do
  if [ "$(date +%s)" -ge $end ]; then echo "slurmctld does not answer after two minutes; read there: journalctl -u slurmctld" >&2; exit 1; fi
  sleep 0.5
done
`;

/** Until the controller on this machine answers. @throws ProvisionError after two minutes */
export async function awaitController(host: HostRun, run: Run): Promise<void> {
  const options = { label: 'wait for the controller of Slurm', sudo: true, signal: run.signal, timeoutSeconds: 180 };
  await runScript(connectionOf(host), controllerScript, options);
}
