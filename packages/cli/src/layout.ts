import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the parts of this installation lie: a checkout that runs its sources, or an unpacked release. */
export type Layout = {
  readonly kind: 'checkout' | 'release';
  readonly root: string;
  readonly panelDir: string;
  /** Arguments for Node that start the agent; undefined where the installation brings none. */
  readonly agentProgram: readonly string[] | undefined;
};

/** Finds out from the place of this file, never from the folder the command is run in. */
export function findLayout(start: string = import.meta.dirname): Layout {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'packages', 'cli', 'package.json'))) return checkout(folder);
    if (existsSync(join(folder, 'runtime', 'node'))) return release(folder);
  }
  throw new Error(`the installation around ${start} is not complete`);
}

function checkout(root: string): Layout {
  return {
    kind: 'checkout',
    root,
    panelDir: join(root, 'packages', 'panel', 'dist'),
    agentProgram: [join(root, 'packages', 'agent', 'src', 'main.ts')],
  };
}

function release(root: string): Layout {
  return { kind: 'release', root, panelDir: join(root, 'panel'), agentProgram: undefined };
}
