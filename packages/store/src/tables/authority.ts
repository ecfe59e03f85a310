import type { Database, Queries } from '../database.ts';
import { StoreRefused } from '../errors.ts';

export type SealedAuthority = {
  readonly certificatePem: string;
  /** The private key, encrypted by whoever gave it; the store cannot read it. */
  readonly sealedKey: Uint8Array;
};

export type StoredAuthority = { readonly root: SealedAuthority; readonly intermediate: SealedAuthority };

/** The certificate authority of this installation. */
export type AuthorityTable = {
  /** Null on the very first start. */
  load(): Promise<StoredAuthority | null>;
  /** Keeps the authority unless there is one, and returns the one that is kept: of several servers that start at once, all get the same. */
  saveIfAbsent(authority: StoredAuthority): Promise<StoredAuthority>;
};

async function read(queries: Queries): Promise<StoredAuthority | null> {
  const rows = await queries.selectFrom('authority').select(['kind', 'certificate_pem', 'sealed_key']).execute();
  const of = (kind: 'root' | 'intermediate'): SealedAuthority | undefined => {
    const row = rows.find((one) => one.kind === kind);
    return row && { certificatePem: row.certificate_pem, sealedKey: new Uint8Array(row.sealed_key) };
  };
  const [root, intermediate] = [of('root'), of('intermediate')];
  if (root === undefined && intermediate === undefined) return null;
  if (root === undefined || intermediate === undefined) {
    throw new StoreRefused(
      'authority-incomplete',
      'The database holds only half of the certificate authority. Restore it from a backup: a new one would make every certificate void.',
    );
  }
  return { root, intermediate };
}

export function authorityTable(database: Database): AuthorityTable {
  return {
    load: () => database.run(read),
    saveIfAbsent: (authority) =>
      database.transaction(async (queries) => {
        // Both rows in one statement and one order: whoever comes second waits for the first row and then writes neither.
        await queries
          .insertInto('authority')
          .values(
            (['root', 'intermediate'] as const).map((kind) => ({
              kind,
              certificate_pem: authority[kind].certificatePem,
              sealed_key: Buffer.from(authority[kind].sealedKey),
            })),
          )
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        return (await read(queries)) ?? authority;
      }),
  };
}
