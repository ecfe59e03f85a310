import type { Node, ParsedNodeAction } from '@muster/api';
import { changedNode } from '@muster/core';
import { sql } from 'kysely';
import type { Queries } from '../database.ts';
import { ActionRefused } from '../errors.ts';
import { jsonText, storableText } from '../json-text.ts';
import type { NewEvent } from './events.ts';
import { deleteNodes, nodeRemoved } from './nodes.ts';

type Named<A extends ParsedNodeAction['action']> = Extract<ParsedNodeAction, { action: A }>;

/** What is done with nodes whose rows are locked. */
export type NodeAct = { [A in ParsedNodeAction['action']]: Omit<Named<A>, 'range'> }[ParsedNodeAction['action']];

/** The nodes, and who acts on them. */
type Acting = { readonly queries: Queries; readonly nodes: readonly Node[]; readonly by: string };

/** Does it, and returns the events that tell of it. */
export function perform(acting: Acting, act: NodeAct): Promise<NewEvent[]> {
  switch (act.action) {
    case 'cordon':
      return closeTo(acting, 'cordoned', act.reason, null);
    case 'drain':
      return closeTo(acting, 'draining', act.reason, act.deadlineSeconds ?? null);
    case 'uncordon':
      return open(acting);
    case 'begin-maintenance':
      return beginMaintenance(acting, act);
    case 'end-maintenance':
      return endMaintenance(acting);
    case 'change':
      return change(acting, act);
    case 'remove':
      return remove(acting);
  }
}

const idsOf = (nodes: readonly Node[]): string[] => nodes.map(({ id }) => id);

/** An event about each of the nodes. */
const events = (
  nodes: readonly Node[],
  kind: NewEvent['kind'],
  messageOf: (name: string) => string,
  data: Record<string, unknown>,
): NewEvent[] =>
  nodes.map(({ id, name }) => ({ kind, severity: 'info', nodeId: id, nodeName: name, message: messageOf(name), data: { ...data } }));

const because = (reason: string): string => (reason === '' ? '' : ` Reason: ${reason}`);

async function closeTo(
  { queries, nodes, by }: Acting,
  state: 'cordoned' | 'draining',
  givenReason: string,
  deadlineSeconds: number | null,
): Promise<NewEvent[]> {
  const reason = storableText(givenReason);
  await sql`
    insert into node_scheduling (node_id, state, reason, by, deadline)
      select id, ${state}, ${reason}, ${by}, now() + make_interval(secs => ${deadlineSeconds}::double precision)
      from unnest(${idsOf(nodes)}::uuid[]) as given (id)
    on conflict (node_id) do update set state = excluded.state, reason = excluded.reason, by = excluded.by, since = now(),
      deadline = excluded.deadline, told_late_at = null`.execute(queries);
  const what =
    state === 'cordoned' ? 'is cordoned: nothing new comes to it.' : 'is being drained: nothing new comes to it, what runs is awaited.';
  return events(nodes, 'node-scheduling', (name) => `${name} ${what}${because(reason)}`, { state, reason, by, deadlineSeconds });
}

async function open({ queries, nodes, by }: Acting): Promise<NewEvent[]> {
  await queries
    .deleteFrom('node_scheduling')
    .where(sql<boolean>`node_id = any (${idsOf(nodes)}::uuid[])`)
    .execute();
  return events(nodes, 'node-scheduling', (name) => `${name} is open again for new work.`, { state: 'open', by });
}

async function beginMaintenance(
  { queries, nodes, by }: Acting,
  { reason: given, seconds, until }: NodeActOf<'begin-maintenance'>,
): Promise<NewEvent[]> {
  const reason = storableText(given);
  const { rows } = await sql<{ until: string | null }>`
    insert into node_maintenance (node_id, reason, by, until)
      select id, ${reason}, ${by}, coalesce(${until ?? null}::timestamptz, now() + make_interval(secs => ${seconds ?? null}::double precision))
      from unnest(${idsOf(nodes)}::uuid[]) as given (id)
    returning until, until <= now() as past`.execute(queries);
  const [first] = rows as { until: string | null; past: boolean | null }[];
  if (first?.past === true)
    throw new ActionRefused(`The maintenance would end at ${first.until ?? ''}, which has passed. Say a later moment.`);
  const end = first?.until ?? null;
  const message = (name: string) => `${name} is in maintenance by ${by}${end === null ? '' : ` until ${end}`}: ${reason}`;
  return events(nodes, 'node-maintenance', message, { state: 'begun', reason, by, until: end });
}

async function endMaintenance({ queries, nodes, by }: Acting): Promise<NewEvent[]> {
  await queries
    .deleteFrom('node_maintenance')
    .where(sql<boolean>`node_id = any (${idsOf(nodes)}::uuid[])`)
    .execute();
  return events(nodes, 'node-maintenance', (name) => `The maintenance of ${name} was ended by ${by}.`, { state: 'ended', by });
}

async function change({ queries, nodes }: Acting, act: NodeActOf<'change'>): Promise<NewEvent[]> {
  const wanted = nodes.map((node) => {
    const changed = changedNode(node, act);
    if ('refusal' in changed) throw new ActionRefused(changed.refusal);
    return { id: node.id, ...changed };
  });
  const { rows } = await sql<{ id: string; name: string; revision: number }>`
    update nodes n
    set labels = given.labels, groups = given.groups, notes = given.notes, environments = given.environments,
      revision = n.revision + 1, updated_at = now()
    from jsonb_to_recordset(${jsonText(wanted)}::jsonb) as given (id uuid, labels jsonb, groups text[], notes text, environments text)
    where n.id = given.id
      and (n.labels, n.groups, n.notes, n.environments) is distinct from (given.labels, given.groups, given.notes, given.environments)
    returning n.id, n.name, n.revision`.execute(queries);
  return rows.map(({ id, name, revision }) => ({
    kind: 'node-changed',
    severity: 'info',
    nodeId: id,
    nodeName: name,
    message: `Node ${name} was changed.`,
    data: { revision },
  }));
}

async function remove({ queries, nodes }: Acting): Promise<NewEvent[]> {
  const serials = await deleteNodes(queries, idsOf(nodes));
  return nodes.map(({ id, name }) => nodeRemoved(id, name, serials.get(id) ?? []));
}

type NodeActOf<A extends NodeAct['action']> = Extract<NodeAct, { action: A }>;
