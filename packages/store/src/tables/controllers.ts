import type { NodeController } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { ControllerNotFound } from '../errors.ts';
import { storableText } from '../json-text.ts';
import { lockNode, nodeIdOf } from './find-node.ts';

/** How a management controller is reached, as it is kept. */
export type KeptController = NodeController & {
  /** Sealed by whoever gave it; the store cannot read it. */
  readonly sealedPassword: string;
};
export type NewController = Omit<KeptController, 'nodeId' | 'nodeName' | 'since'>;

/** The management controllers of nodes. `idOrName` is either, or NodeNotFound. */
export type ControllerTable = {
  /** Undefined where none is known. */
  find(idOrName: string): Promise<KeptController | undefined>;
  /** In place of what was known before. */
  set(idOrName: string, controller: NewController): Promise<KeptController>;
  /** @throws ControllerNotFound */
  remove(idOrName: string): Promise<void>;
};

const columns = sql`c.node_id as "nodeId", n.name as "nodeName", c.kind, c.address, c.port, c.username as "user",
  c.sealed_password as "sealedPassword", c.certificate_sha256 as "certificateSha256", c.host_keys as "hostKeys", c.since`;

async function read(queries: Queries, nodeId: string): Promise<KeptController | undefined> {
  const { rows } = await sql<KeptController>`
    select ${columns} from node_controllers c join nodes n on n.id = c.node_id where c.node_id = ${nodeId}::uuid`.execute(queries);
  return rows[0];
}

function set(database: Database, idOrName: string, given: NewController): Promise<KeptController> {
  const { kind, address, port, user, sealedPassword, certificateSha256, hostKeys } = given;
  return database.transaction(async (queries) => {
    const { id } = await lockNode(queries, idOrName);
    await sql`
      insert into node_controllers (node_id, kind, address, port, username, sealed_password, certificate_sha256, host_keys)
      values (${id}, ${kind}, ${storableText(address)}, ${port}, ${storableText(user)}, ${sealedPassword}, ${certificateSha256}, ${hostKeys}::text[])
      on conflict (node_id) do update
      set kind = excluded.kind, address = excluded.address, port = excluded.port, username = excluded.username,
        sealed_password = excluded.sealed_password, certificate_sha256 = excluded.certificate_sha256, host_keys = excluded.host_keys,
        since = now()`.execute(queries);
    const kept = await read(queries, id);
    if (kept === undefined) throw new ControllerNotFound(idOrName);
    return kept;
  });
}

export function controllerTable(database: Database): ControllerTable {
  return {
    find: (idOrName) => database.run(async (queries) => read(queries, await nodeIdOf(queries, idOrName))),
    set: (idOrName, controller) => set(database, idOrName, controller),
    remove: (idOrName) =>
      database.transaction(async (queries) => {
        const { id, name } = await lockNode(queries, idOrName);
        const removed = await queries.deleteFrom('node_controllers').where('node_id', '=', id).executeTakeFirst();
        if (removed.numDeletedRows === 0n) throw new ControllerNotFound(name);
      }),
  };
}
