import { connectionOf } from '../engine/host-run.ts';
import type { Phase } from '../engine/phase.ts';
import { readLines, runScript } from '../host/run-script.ts';

type Observed = { readonly node: string; readonly state: string };

/** The name under which Slurm knows this machine, and what it says of it; empty where there is no Slurm or nobody answers. */
const observeScript = `
host=$(hostname -s 2>/dev/null || hostname)
node=$(sed -n "s/^NodeName=\\([^ ]*\\) NodeHostname=$host .*/\\1/p" /etc/slurm/slurm.conf 2>/dev/null | head -n 1)
printf 'node=%s\\n' "$node"
if [ -n "$node" ] && command -v sinfo >/dev/null 2>&1; then
  printf 'state=%s\\n' "$(timeout 10 sinfo -h -N -n "$node" -o %T 2>/dev/null | head -n 1)"
fi
`;

/** Lets running jobs end, an hour at most; new ones are not started there. */
const drainScript = `
set -eu
read -r node
scontrol update nodename="$node" state=drain reason='muster reset'
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

/** Of a cluster that stays, a node leaves when its jobs have ended. Where all of it is reset, or its controller is down, nothing waits. */
export const drainPhase = (selected: ReadonlySet<string>): Phase<Observed> => ({
  name: 'drain',
  concerns: ({ roles }) => roles.includes('slurm-node'),
  observe: async (host, run) => {
    if (run.cluster.slurmControllers.every((name) => selected.has(name))) return { node: '', state: '' };
    const output = await runScript(connectionOf(host), observeScript, {
      label: 'look at the node of Slurm',
      sudo: true,
      signal: run.signal,
    });
    const lines = readLines(output);
    return { node: lines.get('node') ?? '', state: lines.get('state') ?? '' };
  },
  plan: ({ node, state }) => {
    if (node === '' || state.startsWith('drained')) return [];
    const silent = `leave ${node} in Slurm, whose controller does not answer; its jobs are not waited for`;
    return [{ what: state === '' ? silent : `drain ${node} in Slurm and wait for its jobs` }];
  },
  act: async ({ node, state }, host, run) => {
    if (state === '') return;
    const options = { label: `drain ${node}`, sudo: true, signal: run.signal, timeoutSeconds: 4000, stdin: `${node}\n` };
    await runScript(connectionOf(host), drainScript, options);
  },
});
