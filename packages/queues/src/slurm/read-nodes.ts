import type { QueueNode, RunningWork } from '@muster/core';
import { readGres } from './gres.ts';
import type { SlurmNode } from './slurm-json.ts';

/** Begins the reason of what Muster has drained, so that it is known again after any restart. */
export const drainMark = 'muster: ';

const mebibyte = 1024 ** 2;
const busy: ReadonlySet<string> = new Set(['ALLOCATED', 'MIXED']);

/** A node of Slurm in the planner's words. Pure. */
export function readNode(node: SlurmNode, running: readonly RunningWork[]): QueueNode {
  const flags = new Set([...node.state_flags, ...node.state].map((word) => word.toUpperCase()));
  const gres = readGres(node.gres) ?? { gpus: 0, words: [] };
  return {
    name: node.name,
    state: stateOf(node, flags),
    drain: !flags.has('DRAIN') ? null : node.reason.startsWith(drainMark) ? 'planner' : 'person',
    running,
    cores: node.cpus ?? 0,
    memoryBytes: (node.real_memory ?? 0) * mebibyte,
    gpus: gres.gpus,
    features: [...node.features.split(',').filter((word) => word !== '' && word !== '(null)'), ...gres.words],
    reason: node.reason,
  };
}

/** One that is powered off, or on its way up or down, the queue says nothing about: its machine does. */
function stateOf({ state }: SlurmNode, flags: ReadonlySet<string>): QueueNode['state'] {
  if (['POWERED_DOWN', 'POWERING_DOWN', 'POWERING_UP'].some((flag) => flags.has(flag))) return null;
  if (flags.has('FAIL')) return 'failed';
  const base = state.map((word) => word.toUpperCase());
  // Also while what ran there is still being tidied away.
  if (flags.has('NOT_RESPONDING') || base.includes('DOWN')) return 'down';
  if (base.some((word) => busy.has(word)) || flags.has('COMPLETING')) return 'busy';
  return base.includes('IDLE') ? 'idle' : 'down';
}
