import type { Client, NodeView } from '@muster/api';
import { nearest } from '@muster/core';
import { CliError } from '../../cli-error.ts';

/** The view that a name means: one's own, or else the shared one. @throws CliError */
export async function findView(client: Client, name: string): Promise<NodeView> {
  const { items } = await client.listViews({});
  const found = ownView(items, name) ?? items.find((view) => view.name === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    items.map((view) => view.name),
  );
  throw new CliError(
    `There is no view named "${name}". ${near === undefined ? 'List them with "muster view list".' : `Did you mean "${near}"?`}`,
  );
}

/** The view of this name that whoever asks made for himself. */
export const ownView = (views: readonly NodeView[], name: string): NodeView | undefined =>
  views.find((view) => view.name === name && view.own && !view.shared);
