import type { Node } from '@muster/api';
import type { DrainInput } from '@muster/core';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { NodeNotFound } from '../errors.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { type NodeAct, perform } from './node-action.ts';
import { readNodesById } from './node-list.ts';

/** Who is meant: the id counts, the name is for messages. */
export type MeantNode = { readonly id: string; readonly name: string };

/** A node that is being drained. */
export type DrainSubject = MeantNode & Pick<DrainInput, 'deadlineLeftSeconds' | 'told'>;

/** What people decide about many nodes at once, and what ends by itself. */
export type AdministrationTable = {
  /**
   * Acts on all of the nodes or on none, in one transaction with the events that tell of it. `check` sees the nodes as they are, locked,
   * and refuses by throwing. Returns the number of nodes. @throws NodeNotFound for one that is gone meanwhile, ActionRefused
   */
  act(nodes: readonly MeantNode[], act: NodeAct, by: string, check: (nodes: readonly Node[]) => void): Promise<number>;
  /** Ends the maintenance whose end has come by the database's clock; events `node-maintenance`. Returns the names of the nodes. */
  endDueMaintenance(): Promise<string[]>;
  /** The nodes that are being drained. */
  draining(): Promise<DrainSubject[]>;
  /** How many of Muster's own tasks have not ended yet, by node; nodes without any are missing. */
  openTasks(nodeIds: readonly string[]): Promise<Map<string, number>>;
  /** Notes which drains are done; events `node-drained`. Nodes that are not being drained any more are passed over. */
  finishDrains(nodeIds: readonly string[]): Promise<void>;
  /** Notes that a drain has passed its deadline, once; event `node-scheduling`, a warning. */
  tellLate(nodeId: string, message: string): Promise<void>;
};

async function lockNodes(queries: Queries, meant: readonly MeantNode[]): Promise<Node[]> {
  const ids = meant.map(({ id }) => id);
  // In the order of ids: two that act on the same nodes wait for each other and cannot deadlock.
  const { rows } = await sql<{ id: string }>`select id from nodes where id = any (${ids}::uuid[]) order by id for update`.execute(queries);
  const found = new Set(rows.map(({ id }) => id));
  const gone = meant.find(({ id }) => !found.has(id));
  if (gone !== undefined) throw new NodeNotFound(gone.name);
  return readNodesById(queries, ids);
}

function act(database: Database, meant: readonly MeantNode[], what: NodeAct, by: string, check: (nodes: readonly Node[]) => void) {
  return database.transaction(async (queries) => {
    const nodes = await lockNodes(queries, meant);
    check(nodes);
    await appendEvents(queries, await perform({ queries, nodes, by }, what));
    return nodes.length;
  });
}

type Ended = { id: string; name: string };

const eventOf = (
  kind: NewEvent['kind'],
  severity: NewEvent['severity'],
  { id, name }: Ended,
  message: string,
  state: string,
): NewEvent => ({
  kind,
  severity,
  nodeId: id,
  nodeName: name,
  message,
  data: { state },
});

function endDueMaintenance(database: Database): Promise<string[]> {
  return database.transaction(async (queries) => {
    const { rows } = await sql<Ended>`
      with due as (select node_id from node_maintenance where until <= now() order by node_id for update),
      ended as (delete from node_maintenance m using due where m.node_id = due.node_id returning m.node_id)
      select n.id, n.name from ended join nodes n on n.id = ended.node_id order by n.name_sort_key`.execute(queries);
    await appendEvents(
      queries,
      rows.map((node) => eventOf('node-maintenance', 'info', node, `The maintenance of ${node.name} ended by itself.`, 'ended')),
    );
    return rows.map(({ name }) => name);
  });
}

function finishDrains(database: Database, nodeIds: readonly string[]): Promise<void> {
  return database.transaction(async (queries) => {
    const { rows } = await sql<Ended>`
      with locked as (
        select node_id from node_scheduling where node_id = any (${[...nodeIds]}::uuid[]) and state = 'draining' order by node_id for update
      )
      update node_scheduling s set state = 'drained', since = now(), deadline = null
      from locked join nodes n on n.id = locked.node_id where s.node_id = locked.node_id
      returning n.id, n.name`.execute(queries);
    await appendEvents(
      queries,
      rows.map((node) => eventOf('node-drained', 'info', node, `${node.name} is drained: nothing runs on it any more.`, 'drained')),
    );
  });
}

function tellLate(database: Database, nodeId: string, message: string): Promise<void> {
  return database.transaction(async (queries) => {
    const { rows } = await sql<Ended>`
      update node_scheduling s set told_late_at = now() from nodes n
      where n.id = s.node_id and s.node_id = ${nodeId} and s.state = 'draining' and s.told_late_at is null
      returning n.id, n.name`.execute(queries);
    await appendEvents(
      queries,
      rows.map((node) => eventOf('node-scheduling', 'warning', node, message, 'draining')),
    );
  });
}

async function readDraining(queries: Queries): Promise<DrainSubject[]> {
  const { rows } = await sql<DrainSubject>`
    select n.id, n.name, extract(epoch from s.deadline - now())::double precision as "deadlineLeftSeconds",
      s.told_late_at is not null as told
    from node_scheduling s join nodes n on n.id = s.node_id where s.state = 'draining' order by n.name_sort_key`.execute(queries);
  return rows;
}

async function readOpenTasks(queries: Queries, nodeIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: string; count: number }>`
    select node_id as id, count(*) as count from tasks
    where node_id = any (${[...nodeIds]}::uuid[]) and state in ('queued', 'sent', 'running') group by node_id`.execute(queries);
  return new Map(rows.map(({ id, count }) => [id, count]));
}

export function administrationTable(database: Database): AdministrationTable {
  return {
    act: (nodes, what, by, check) => act(database, nodes, what, by, check),
    endDueMaintenance: () => endDueMaintenance(database),
    draining: () => database.run(readDraining),
    openTasks: (nodeIds) => database.run((queries) => readOpenTasks(queries, nodeIds)),
    finishDrains: (nodeIds) => finishDrains(database, nodeIds),
    tellLate: (nodeId, message) => tellLate(database, nodeId, message),
  };
}
