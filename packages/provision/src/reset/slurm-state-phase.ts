import { connectionOf } from '../engine/host-run.ts';
import type { Phase } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { releaseState, stateNote } from '../slurm/state-scripts.ts';

type Observed = { readonly folders: readonly string[] };

/**
 * Leaves the folders that controllers of Slurm share. The last one takes the state away too, where a run had found none, and gives the folder
 * back to whom it belonged. Before the packages go: a file server may let nobody but slurm write there.
 */
export const slurmStateResetPhase: Phase<Observed> = {
  name: 'slurm-state',
  atOnce: 1,
  concerns: ({ roles }) => roles.includes('slurm-controller'),
  observe: async (host, run) => {
    const options = { label: 'look for folders of the state', sudo: true, signal: run.signal };
    const output = await runScript(connectionOf(host), `cat ${stateNote} 2>/dev/null || true`, options);
    return { folders: output.split('\n').filter((line) => line.startsWith('/')) };
  },
  plan: ({ folders }) =>
    folders.map((folder) => ({ what: `leave ${folder}, and empty it of the state of Slurm if no other controller uses it` })),
  act: async ({ folders }, host, run) => {
    const options = { label: 'leave the folder of the state', sudo: true, signal: run.signal, timeoutSeconds: 600 };
    for (const folder of folders) await runScript(connectionOf(host), releaseState(folder), options);
  },
};
