import type { RotationPhase } from '@muster/api';
import { sql } from 'kysely';
import type { Queries } from '../database.ts';
import { StoreRefused } from '../errors.ts';

/** A certificate of the authority with its key. */
export type SealedAuthority = {
  readonly certificatePem: string;
  /** The private key, encrypted by whoever gave it; the store cannot read it. */
  readonly sealedKey: Uint8Array;
};

/** An authority before it is kept. */
export type NewStoredAuthority = { readonly root: SealedAuthority; readonly intermediate: SealedAuthority };

/** An authority that is in force. */
export type StoredAuthority = NewStoredAuthority & {
  /** Counted from 1. */
  readonly generation: number;
  readonly createdAt: string;
};

/** The replacement of one authority by another, as far as it is. */
export type StoredRotation = {
  readonly phase: RotationPhase;
  readonly from: number;
  readonly to: number;
  readonly startedAt: string;
  readonly startedBy: string;
  readonly phaseSince: string;
};

/** The authorities in force: one, or two while one replaces the other. */
export type AuthorityState = { readonly authorities: readonly StoredAuthority[]; readonly rotation: StoredRotation | null };

type AuthorityRow = {
  generation: number;
  root_pem: string;
  root_key: Buffer | null;
  intermediate_pem: string;
  intermediate_key: Buffer | null;
  created_at: string;
};

/** The database has lost a part of what it kept. */
export const incompleteAuthority = (): StoreRefused =>
  new StoreRefused(
    'authority-incomplete',
    'The database holds only a part of the certificate authority. Restore it from a backup: a new one would make every certificate void.',
  );

function authorityOfRow(row: AuthorityRow): StoredAuthority {
  if (row.root_key === null || row.intermediate_key === null) throw incompleteAuthority();
  return {
    generation: row.generation,
    root: { certificatePem: row.root_pem, sealedKey: new Uint8Array(row.root_key) },
    intermediate: { certificatePem: row.intermediate_pem, sealedKey: new Uint8Array(row.intermediate_key) },
    createdAt: row.created_at,
  };
}

/** The state as it is now; undefined where there never was an authority. */
export async function readAuthorities(queries: Queries): Promise<AuthorityState | undefined> {
  const { rows } = await sql<AuthorityRow & { retired_at: string | null }>`select * from authorities order by generation`.execute(queries);
  if (rows.length === 0) return undefined;
  const authorities = rows.filter((row) => row.retired_at === null).map(authorityOfRow);
  const { rows: rotations } = await sql<StoredRotation>`
    select phase, from_generation as "from", to_generation as "to", started_at as "startedAt", started_by as "startedBy",
      phase_since as "phaseSince"
    from authority_rotation`.execute(queries);
  const rotation = rotations[0] ?? null;
  if (authorities.length !== (rotation === null ? 1 : 2)) throw incompleteAuthority();
  return { authorities, rotation };
}

/** Adds an authority; nothing happens when there is one of this number. */
export async function insertAuthority(queries: Queries, generation: number, { root, intermediate }: NewStoredAuthority): Promise<void> {
  await sql`
    insert into authorities (generation, root_pem, root_key, intermediate_pem, intermediate_key)
    values (${generation}, ${root.certificatePem}, ${Buffer.from(root.sealedKey)},
      ${intermediate.certificatePem}, ${Buffer.from(intermediate.sealedKey)})
    on conflict do nothing`.execute(queries);
}
