import { randomBytes, randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';
import { ProvisionError } from '../provision-error.ts';

const PoolMember = z.strictObject({
  name: z.string().min(1),
  address: z.string().refine((text) => isIP(text) !== 0, { error: 'not an address' }),
  kind: z.enum(['database', 'witness']),
});

/** One machine of a pool, by the name and address it has for the others. */
export type PoolMember = z.infer<typeof PoolMember>;

const PoolAuthority = z.strictObject({ rootPem: z.string(), intermediatePem: z.string(), keyPem: z.string() });

const PoolRecord = z.strictObject({
  format: z.literal(1),
  /** Tells pools apart; what etcd calls the token of the cluster. */
  id: z.uuid(),
  members: z.array(PoolMember).min(1),
  /** The pool's own authority. The key is the intermediate's, PKCS#8 PEM. */
  authority: PoolAuthority,
  /** While the authority is changed: the one that is to issue next, or what is still trusted of the one before. */
  rotation: z
    .discriminatedUnion('step', [
      z.strictObject({ step: z.literal('announced'), next: PoolAuthority }),
      z.strictObject({ step: z.literal('issuing'), formerRootPem: z.string() }),
    ])
    .optional(),
  passwords: z.strictObject({ superuser: z.string(), replication: z.string(), rest: z.string(), muster: z.string() }),
});

/**
 * What all full members of a pool keep alike: whom it has, and the secrets by which they know each other. Made in the first run, on the
 * machine that runs it, and kept nowhere else.
 */
export type PoolRecord = z.infer<typeof PoolRecord>;

/** The record of a file. @throws ProvisionError, without a word of what is in it */
export function readRecord(text: string, host: string): PoolRecord {
  const parsed = PoolRecord.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new ProvisionError(
    `${host} has a record of its pool that cannot be read. Take it away there (/etc/muster/pool/pool.json) if another member still has one, then run the same command again.`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The file of a record. The same record always makes the same text. */
export const recordText = (record: PoolRecord): string => `${JSON.stringify(PoolRecord.parse(record), null, 2)}\n`;

/** Free of every character that a file of settings, a URL or a shell could take for its own. */
const newPassword = (): string => randomBytes(24).toString('base64url');

/** An authority for the machines of one pool. */
export async function newPoolAuthority(now: Date): Promise<PoolRecord['authority']> {
  // Loaded here and not above: the other commands must not wait for the library of certificates.
  const { createAuthority } = await import('@muster/trust');
  const { root, intermediate } = await createAuthority({ name: 'Muster pool', now });
  return { rootPem: root.certificatePem, intermediatePem: intermediate.certificatePem, keyPem: intermediate.keyPem };
}

/** A pool that is only just made. */
export async function newRecord(members: readonly PoolMember[], now: Date): Promise<PoolRecord> {
  return {
    format: 1,
    id: randomUUID(),
    members: [...members],
    authority: await newPoolAuthority(now),
    passwords: { superuser: newPassword(), replication: newPassword(), rest: newPassword(), muster: newPassword() },
  };
}
