import type { Phase } from '../engine/phase.ts';
import { askForNode, moveJobsAway, type SlurmNode } from '../slurm/move-jobs.ts';

/** Of a cluster that stays, a node leaves when its jobs have ended. Where all of it is reset, or its controller is down, nothing waits. */
export const drainPhase = (selected: ReadonlySet<string>): Phase<SlurmNode> => ({
  name: 'drain',
  concerns: ({ roles }) => roles.includes('slurm-node'),
  observe: async (host, run) => {
    if (run.cluster.slurmControllers.every((name) => selected.has(name))) return { node: '', state: '' };
    return await askForNode(host, run);
  },
  plan: ({ node, state }) => {
    if (node === '' || state.startsWith('drained')) return [];
    const silent = `leave ${node} in Slurm, whose controller does not answer; its jobs are not waited for`;
    return [{ what: state === '' ? silent : `drain ${node} in Slurm and wait for its jobs` }];
  },
  act: async ({ node, state }, host, run) => {
    if (state !== '') await moveJobsAway(host, run, { node, reason: 'muster reset' });
  },
});
