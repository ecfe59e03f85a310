import type { InventoryDocument, SavedInventory } from '@muster/api';
import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { InventoryNotFound } from '../errors.ts';

/** What is to be kept under a name. */
export type NewInventory = {
  readonly name: string;
  readonly document: string;
  /** SHA-256 of the document, in hex. */
  readonly sha256: string;
  readonly hosts: number;
  readonly by: string;
};

/** Inventories that are kept to be run by the server. */
export type SavedInventoryTable = {
  /** In the order of their names. */
  list(): Promise<SavedInventory[]>;
  /** @throws InventoryNotFound */
  get(name: string): Promise<InventoryDocument>;
  /** In place of the one of this name, with the next version; the same document again changes nothing. */
  save(inventory: NewInventory): Promise<SavedInventory>;
  /** @throws InventoryNotFound */
  remove(name: string): Promise<void>;
};

const columns = sql`name, version, sha256, hosts, saved_by as "savedBy", saved_at as "savedAt"`;

export function savedInventoryTable(database: Database): SavedInventoryTable {
  return {
    list: () =>
      database.run(
        async (queries) =>
          (await sql<SavedInventory>`select ${columns} from saved_inventories order by name collate "C"`.execute(queries)).rows,
      ),
    get: (name) =>
      database.run(async (queries) => {
        const { rows } = await sql<InventoryDocument>`select ${columns}, document from saved_inventories where name = ${name}`.execute(
          queries,
        );
        return required(rows[0], name);
      }),
    save: ({ name, document, sha256, hosts, by }) =>
      database.transaction(async (queries) => {
        await sql`
          insert into saved_inventories as kept (name, sha256, hosts, document, saved_by)
          values (${name}, ${sha256}, ${hosts}, ${document}, ${by})
          on conflict (name) do update
          set version = kept.version + 1, sha256 = excluded.sha256, hosts = excluded.hosts, document = excluded.document,
            saved_by = excluded.saved_by, saved_at = now()
          where kept.sha256 <> excluded.sha256`.execute(queries);
        const { rows } = await sql<SavedInventory>`select ${columns} from saved_inventories where name = ${name}`.execute(queries);
        return required(rows[0], name);
      }),
    remove: (name) =>
      database.run(async (queries) => {
        const { rows } = await sql`delete from saved_inventories where name = ${name} returning name`.execute(queries);
        required(rows[0], name);
      }),
  };
}

function required<Row>(row: Row | undefined, name: string): Row {
  if (row === undefined) throw new InventoryNotFound(name);
  return row;
}
