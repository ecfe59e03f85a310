import type { RotationPhase } from '@muster/api';

/** The phases in which one authority replaces another, in order. */
export const phases: readonly { readonly phase: Exclude<RotationPhase, 'rollback'>; readonly title: string; readonly meaning: string }[] = [
  { phase: 'prepare', title: 'Prepare', meaning: 'Everyone learns to trust both authorities' },
  { phase: 'agents', title: 'Agents', meaning: 'Nodes get certificates of the new one' },
  { phase: 'servers', title: 'Servers', meaning: 'Servers show certificates of the new one' },
];
