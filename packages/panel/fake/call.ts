import { problem, type RouteName } from '@muster/api';
import type { FakeNode } from './fake-nodes.ts';
import type { FakeWorld } from './world.ts';

/** A request that has passed the schemas of its route. */
export type Call = {
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
  cookie: string | undefined;
  setCookie: (value: string | null) => void;
};

/** What answers some of the routes. */
export type FakeHandlers = Partial<Record<RouteName, (world: FakeWorld, call: Call) => unknown>>;

/** The node by id or name. */
export function findNode(world: FakeWorld, key: string | undefined): FakeNode {
  const found = world.nodes.find(({ node }) => node.id === key || node.name === key);
  if (found === undefined) throw problem('not-found', `There is no node "${key}".`);
  return found;
}

let made = 0;
/** Another valid UUID each time. */
export function nextId(): string {
  made += 1;
  return `10000000-0000-4000-8000-${String(made).padStart(12, '0')}`;
}
