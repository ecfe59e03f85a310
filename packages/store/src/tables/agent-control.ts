import type { AgentControl, AgentControlSet } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { NodeNotFound } from '../errors.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { lockNode } from './find-node.ts';

/** The SSH key of the servers. */
export type ControlKey = {
  /** As authorized_keys has it. */
  readonly publicKey: string;
  /** The private half, encrypted by whoever gave it; the store cannot read it. */
  readonly sealedKey: Uint8Array;
};

/** How the servers of this installation log in to nodes, to start, stop and restart agents. `idOrName` is either, or NodeNotFound. */
export type AgentControlTable = {
  /** Null until a server has needed one. */
  key(): Promise<ControlKey | null>;
  /** Keeps the key unless there is one, and returns the one that is kept: of several servers that make one at once, all get the same. */
  saveKeyIfAbsent(key: ControlKey): Promise<ControlKey>;
  /** The key that is to follow; null while none is. */
  nextKey(): Promise<ControlKey | null>;
  /** Keeps the key that is to follow unless there is one, and returns the one that is kept. Null while there is none yet that it could follow. */
  saveNextKeyIfAbsent(key: ControlKey): Promise<ControlKey | null>;
  /** Makes the key that is to follow the one in use, and forgets the one before. False, and nothing is done, where another one is to follow by now. */
  takeNextKey(publicKey: string): Promise<boolean>;
  /** Of every node on which the key was installed, in the order of names. */
  list(): Promise<AgentControl[]>;
  /** Of one node, by id; undefined where the key was not installed. */
  get(nodeId: string): Promise<AgentControl | undefined>;
  /** Pins host keys, in place of those before; the same again changes nothing. A refused key is forgotten. */
  set(idOrName: string, control: AgentControlSet): Promise<AgentControl>;
  /** Returns whether there was anything to forget. */
  remove(idOrName: string): Promise<boolean>;
  /** The host has shown another key. Writes the event only the first time for each key. */
  noteRefusedKey(nodeId: string, fingerprint: string, event: NewEvent): Promise<void>;
};

const columns = sql`c.node_id as "nodeId", n.name as "nodeName", c.address, c.port, c.host_keys as "hostKeys",
  c.full_access as "full", c.refused_key as "refusedKey", c.since`;

async function readKey(queries: Queries): Promise<ControlKey | null> {
  const row = await queries.selectFrom('control_key').select(['public_key', 'sealed_key']).executeTakeFirst();
  return row === undefined ? null : { publicKey: row.public_key, sealedKey: new Uint8Array(row.sealed_key) };
}

async function readNextKey(queries: Queries): Promise<ControlKey | null> {
  const row = await queries.selectFrom('control_key').select(['next_public_key', 'next_sealed_key']).executeTakeFirst();
  if (row === undefined || row.next_public_key === null || row.next_sealed_key === null) return null;
  return { publicKey: row.next_public_key, sealedKey: new Uint8Array(row.next_sealed_key) };
}

async function readControl(queries: Queries, nodeId: string): Promise<AgentControl | undefined> {
  const { rows } = await sql<AgentControl>`
    select ${columns} from node_control c join nodes n on n.id = c.node_id where c.node_id = ${nodeId}::uuid`.execute(queries);
  return rows[0];
}

async function readAll(queries: Queries): Promise<AgentControl[]> {
  const { rows } = await sql<AgentControl>`
    select ${columns} from node_control c join nodes n on n.id = c.node_id order by n.name_sort_key, n.name`.execute(queries);
  return rows;
}

function setControl(database: Database, idOrName: string, { address, port, hostKeys, full }: AgentControlSet): Promise<AgentControl> {
  return database.transaction(async (queries) => {
    const { id, name } = await lockNode(queries, idOrName);
    const { rows } = await sql<Omit<AgentControl, 'nodeId' | 'nodeName'>>`
      insert into node_control as kept (node_id, address, port, host_keys, full_access) values (${id}, ${address}, ${port}, ${hostKeys}::text[], ${full})
      on conflict (node_id) do update
      set address = excluded.address, port = excluded.port, host_keys = excluded.host_keys, full_access = excluded.full_access,
        refused_key = null,
        since = case when kept.host_keys = excluded.host_keys then kept.since else now() end
      returning address, port, host_keys as "hostKeys", full_access as "full", refused_key as "refusedKey", since`.execute(queries);
    const [kept] = rows;
    if (kept === undefined) throw new NodeNotFound(idOrName);
    return { nodeId: id, nodeName: name, ...kept };
  });
}

export function agentControlTable(database: Database): AgentControlTable {
  return {
    key: () => database.run(readKey),
    saveKeyIfAbsent: (key) =>
      database.transaction(async (queries) => {
        await queries
          .insertInto('control_key')
          .values({ public_key: key.publicKey, sealed_key: Buffer.from(key.sealedKey) })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        return (await readKey(queries)) ?? key;
      }),
    nextKey: () => database.run(readNextKey),
    saveNextKeyIfAbsent: ({ publicKey, sealedKey }) =>
      database.transaction(async (queries) => {
        await queries
          .updateTable('control_key')
          .set({ next_public_key: publicKey, next_sealed_key: Buffer.from(sealedKey) })
          .where('next_public_key', 'is', null)
          .execute();
        return readNextKey(queries);
      }),
    takeNextKey: (publicKey) =>
      database.transaction(async (queries) => {
        const { rows } = await sql`
          update control_key set public_key = next_public_key, sealed_key = next_sealed_key, created_at = now(),
            next_public_key = null, next_sealed_key = null
          where next_public_key = ${publicKey} returning public_key`.execute(queries);
        return rows.length > 0;
      }),
    list: () => database.run(readAll),
    get: (nodeId) => database.run((queries) => readControl(queries, nodeId)),
    set: (idOrName, control) => setControl(database, idOrName, control),
    remove: (idOrName) =>
      database.transaction(async (queries) => {
        const { id } = await lockNode(queries, idOrName);
        const removed = await queries.deleteFrom('node_control').where('node_id', '=', id).executeTakeFirst();
        return removed.numDeletedRows > 0n;
      }),
    noteRefusedKey: (nodeId, fingerprint, event) =>
      database.transaction(async (queries) => {
        const { rows } = await sql`
          update node_control set refused_key = ${fingerprint}
          where node_id = ${nodeId}::uuid and refused_key is distinct from ${fingerprint} returning node_id`.execute(queries);
        if (rows.length > 0) await appendEvents(queries, [event]);
      }),
  };
}
