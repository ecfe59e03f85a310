import { z } from 'zod';
import { NodeCertificate } from '../node/node.ts';

/**
 * Where a certificate stands. `new`: issued, not yet heard with. `in-use`: the node was heard with it. `retiring`: a newer one is in use, and
 * this one ends soon. `revoked` and `expired` are accepted nowhere any more.
 */
export const CertificateState = z.enum(['new', 'in-use', 'retiring', 'revoked', 'expired']);
export type CertificateState = z.infer<typeof CertificateState>;

/** A certificate with its node, as the list of all shows it. */
export const Certificate = NodeCertificate.extend({
  /** The node's present name, or its last one when it was removed. */
  nodeName: z.string(),
  state: CertificateState,
  /** When the node was first heard with it. */
  provenAt: z.iso.datetime().nullable(),
  /** When it is revoked because a newer one is in use; null where nothing waits. */
  retiresAt: z.iso.datetime().nullable(),
  /** What is left of its life by the server's clock, 1 to 0. */
  lifeLeft: z.number().min(0).max(1),
  /** Which authority of this installation signed it, counted from 1. */
  authority: z.number().int().positive(),
});
export type Certificate = z.infer<typeof Certificate>;

export const CertificateList = z.object({ items: z.array(Certificate), total: z.number().int().nonnegative() });
export type CertificateList = z.infer<typeof CertificateList>;

/** Why a certificate is revoked, in the words of RFC 5280, 5.3.1. */
export const RevocationReason = z.enum(['unspecified', 'key-compromise', 'superseded', 'cessation-of-operation']);
export type RevocationReason = z.infer<typeof RevocationReason>;

/** Revokes one certificate by its serial, or all of a node (id or name). */
export const CertificateRevocation = z.strictObject({
  of: z.union([
    z.strictObject({ serial: z.string().regex(/^[0-9a-f]{1,40}$/u, { error: 'a serial is hexadecimal, in small letters' }) }),
    z.strictObject({ node: z.string().min(1).max(253) }),
  ]),
  reason: RevocationReason.default('unspecified'),
});
export type CertificateRevocation = z.input<typeof CertificateRevocation>;

/** What was revoked. Certificates that were revoked before are left out. */
export const RevokedCertificates = z.object({ nodeName: z.string(), serials: z.array(z.string()) });
export type RevokedCertificates = z.infer<typeof RevokedCertificates>;
