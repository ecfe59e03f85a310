import type { NodeSources } from '@muster/api';

/** Who said what a node is called and where it is, in words. */
export const sourceTexts: Record<NodeSources['name'], string> = {
  administrator: 'set here',
  inventory: 'from the inventory',
  agent: 'from the agent',
};
