import type { HealthState, Node, NodeCreate, NodeList, NodeReplace } from '@muster/api';
import type { AskedOfWorld } from '@muster/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { violatedConstraint } from '../database-error.ts';
import { AddressTaken, NodeExists, NodeNotFound, RevisionConflict } from '../errors.ts';
import { jsonText, storableText } from '../json-text.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { lockNode, nodeIdOf } from './find-node.ts';
import { refuseTakenAddresses } from './node-addresses.ts';
import { listNodeIds, listNodes, type NodeListQuery, type NodeSelection, readNodesById, readWorld, type WorldRow } from './node-list.ts';
import { nodeColumns, nodeOfRow, type NodeRow, nodeTables } from './node-row.ts';

/** What is left of a removed node. */
export type RemovedNode = {
  readonly id: string;
  readonly name: string;
  /** Of the certificates revoked with it. */ readonly serials: string[];
};

/** The nodes. `idOrName` is either; every function that takes it throws NodeNotFound. Adding, changing and removing write their events themselves. */
export type NodeTable = {
  /** Adds a node, and keeps who said so; event `node-added`. @throws NodeExists, AddressTaken */
  add(create: NodeCreate, source?: DecidedBy): Promise<Node>;
  get(idOrName: string): Promise<Node>;
  /**
   * Replaces what a person decides; event `node-changed`. With a `revision` only if that is still the node's. A replacement by
   * the same changes nothing, not even the revision. @throws NodeExists, AddressTaken, RevisionConflict
   */
  replace(idOrName: string, replacement: NodeReplace, source?: DecidedBy): Promise<Node>;
  /** Removes a node and all that was observed of it, and revokes its certificates in the same transaction; event `node-removed`. */
  remove(idOrName: string): Promise<RemovedNode>;
  /** A page of the nodes and the number of all that match. */
  list(query: NodeListQuery): Promise<NodeList>;
  /** The ids of all nodes that match, in order: what a long answer goes by. */
  ids(selection: NodeSelection): Promise<string[]>;
  /** The nodes of these ids, in their order; those that are gone are left out. */
  byIds(ids: readonly string[]): Promise<Node[]>;
  /** Every node with as much as a range asks for, in natural order. */
  world(asked: AskedOfWorld): Promise<WorldRow[]>;
  countByHealth(): Promise<{ total: number; byHealth: Record<HealthState, number> }>;
};

/** Who decided what is written. */
export type DecidedBy = 'administrator' | 'inventory';

type Decided = Pick<NodeCreate, 'name' | 'privateIp' | 'publicIp' | 'labels' | 'groups' | 'environments' | 'notes'>;

const columnsOf = (decided: Decided) => ({
  name: decided.name,
  private_ip: decided.privateIp,
  public_ip: decided.publicIp,
  labels: jsonText(decided.labels),
  groups: decided.groups.map(storableText),
  environments: decided.environments,
  notes: storableText(decided.notes),
});

/** Runs a statement that writes a node, and says in the store's words which rule the node breaks. */
async function written<T>(decided: Decided, statement: Promise<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    const constraint = violatedConstraint(error);
    if (constraint === 'nodes_name_key') throw new NodeExists(decided.name, { cause: error });
    // Of two that take an address at the same moment one gets here; which address it was, the database alone knows.
    if (constraint === 'node_addresses_pkey' || constraint === 'nodes_private_ip_key')
      throw new AddressTaken(decided.name, decided.privateIp ?? decided.publicIp ?? '', undefined, { cause: error });
    throw error;
  }
}

export async function readNode(queries: Queries, id: string, asked: string): Promise<Node> {
  const { rows } = await sql<NodeRow>`select ${nodeColumns} from ${nodeTables} where n.id = ${id}`.execute(queries);
  const [row] = rows;
  if (row === undefined) throw new NodeNotFound(asked);
  return nodeOfRow(row);
}

function addNode(database: Database, create: NodeCreate, source: DecidedBy): Promise<Node> {
  return database.transaction(async (queries) => {
    await refuseTakenAddresses(queries, create, null);
    const sources = { name_source: source, private_ip_source: source, public_ip_source: source };
    const { id } = await written(
      create,
      queries
        .insertInto('nodes')
        .values({ ...columnsOf(create), ...sources })
        .returning('id')
        .executeTakeFirstOrThrow(),
    );
    // The rows that later statements only update.
    await queries.insertInto('node_health').values({ node_id: id, reasons: '[]' }).execute();
    await queries.insertInto('node_presence').values({ node_id: id }).execute();
    const node = await readNode(queries, id, create.name);
    await appendEvents(queries, [
      { kind: 'node-added', severity: 'info', nodeId: id, nodeName: node.name, message: `Node ${node.name} was added.`, data: {} },
    ]);
    return node;
  });
}

/** A member that is decided anew is from whoever does so; one that stays is from whoever it was. */
const sourceSql = (column: string, value: RawBuilder<unknown>, source: DecidedBy) =>
  sql<DecidedBy>`case when ${sql.ref(column)} is distinct from ${value} then ${source} else ${sql.ref(`${column}_source`)} end`;

function replaceNode(database: Database, idOrName: string, replacement: NodeReplace, source: DecidedBy): Promise<Node> {
  return database.transaction(async (queries) => {
    const { id, name, revision } = await lockNode(queries, idOrName);
    if (replacement.revision !== undefined && replacement.revision !== revision)
      throw new RevisionConflict(name, replacement.revision, revision);
    await refuseTakenAddresses(queries, replacement, id);
    const columns = columnsOf(replacement);
    const differs = sql<boolean>`(name, private_ip, public_ip, labels, groups, environments, notes) is distinct from
      (${columns.name}, ${columns.private_ip}::inet, ${columns.public_ip}::inet, ${columns.labels}::jsonb, ${columns.groups}::text[],
       ${columns.environments}, ${columns.notes})`;
    const changed = await written(
      replacement,
      queries
        .updateTable('nodes')
        .set({
          ...columns,
          name_source: sourceSql('name', sql`${columns.name}`, source),
          private_ip_source: sourceSql('private_ip', sql`${columns.private_ip}::inet`, source),
          public_ip_source: sourceSql('public_ip', sql`${columns.public_ip}::inet`, source),
          revision: revision + 1,
          updated_at: sql<string>`now()`,
        })
        .where('id', '=', id)
        .where(differs)
        .executeTakeFirst(),
    );
    const node = await readNode(queries, id, idOrName);
    if (changed.numUpdatedRows > 0n) {
      const message = node.name === name ? `Node ${name} was changed.` : `Node ${name} was changed; its name is now ${node.name}.`;
      await appendEvents(queries, [
        { kind: 'node-changed', severity: 'info', nodeId: id, nodeName: node.name, message, data: { revision: node.revision } },
      ]);
    }
    return node;
  });
}

/**
 * Removes nodes whose rows are locked, and revokes their certificates; returns the revoked serials by node. What was observed of them goes
 * with them, their events and certificates stay.
 */
export async function deleteNodes(queries: Queries, ids: readonly string[]): Promise<Map<string, string[]>> {
  const revoked = await queries
    .updateTable('certificates')
    .set({ revoked_at: sql<string>`now()`, revocation_reason: 'node-removed' })
    .where(sql<boolean>`node_id = any (${[...ids]}::uuid[])`)
    .where('revoked_at', 'is', null)
    .returning(['serial', 'node_id'])
    .execute();
  await queries
    .deleteFrom('nodes')
    .where(sql<boolean>`id = any (${[...ids]}::uuid[])`)
    .execute();
  const serials = new Map(ids.map((id): [string, string[]] => [id, []]));
  for (const row of revoked) serials.get(row.node_id)?.push(row.serial);
  return serials;
}

/** The event of a node's removal. */
export const nodeRemoved = (id: string, name: string, serials: readonly string[]): NewEvent => ({
  kind: 'node-removed',
  severity: 'info',
  nodeId: id,
  nodeName: name,
  message: `Node ${name} was removed; its certificates are revoked.`,
  data: { serials },
});

function removeNode(database: Database, idOrName: string): Promise<RemovedNode> {
  return database.transaction(async (queries) => {
    const { id, name } = await lockNode(queries, idOrName);
    const serials = (await deleteNodes(queries, [id])).get(id) ?? [];
    await appendEvents(queries, [nodeRemoved(id, name, serials)]);
    return { id, name, serials };
  });
}

async function countByHealth(queries: Queries): Promise<{ total: number; byHealth: Record<HealthState, number> }> {
  const { rows } = await sql<{ state: HealthState; count: number }>`
    select coalesce(h.state, 'unknown') as state, count(*) as count
    from nodes n left join node_health h on h.node_id = n.id group by 1`.execute(queries);
  const byHealth: Record<HealthState, number> = { good: 0, degraded: 0, bad: 0, unknown: 0 };
  for (const { state, count } of rows) byHealth[state] = count;
  return { total: rows.reduce((sum, { count }) => sum + count, 0), byHealth };
}

export function nodeTable(database: Database): NodeTable {
  return {
    add: (create, source = 'administrator') => addNode(database, create, source),
    get: (idOrName) => database.run(async (queries) => readNode(queries, await nodeIdOf(queries, idOrName), idOrName)),
    replace: (idOrName, replacement, source = 'administrator') => replaceNode(database, idOrName, replacement, source),
    remove: (idOrName) => removeNode(database, idOrName),
    list: (query) => database.run((queries) => listNodes(queries, query)),
    ids: (selection) => database.run((queries) => listNodeIds(queries, selection)),
    byIds: (ids) => database.run((queries) => readNodesById(queries, ids)),
    world: (asked) => database.run((queries) => readWorld(queries, asked)),
    countByHealth: () => database.run(countByHealth),
  };
}
