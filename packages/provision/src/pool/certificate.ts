import { X509Certificate } from 'node:crypto';
import type { PoolMember, PoolRecord } from './record.ts';

const dayMs = 86_400_000;
/** Nobody renews it but an `apply`: it lasts as long as its authority, as far as that goes, and is made anew in its last year. */
const lifetimeDays = 3650;
const renewBeforeMs = 365 * dayMs;

/** Why a member needs another certificate; undefined for one that is good. Pure. */
export function certificateFault(chainPem: string, member: PoolMember, record: PoolRecord, now: Date): string | undefined {
  if (chainPem === '') return 'it has none';
  try {
    const certificate = new X509Certificate(chainPem);
    const issuer = new X509Certificate(record.authority.intermediatePem);
    if (!certificate.verify(issuer.publicKey)) return 'it is of another pool';
    if (certificate.checkIP(member.address) === undefined) return 'its address is another one';
    if (certificate.checkHost(member.name) === undefined) return 'its name is another one';
    const end = certificate.validToDate.getTime();
    // Of an authority that ends itself another certificate would end no later.
    return end - now.getTime() < renewBeforeMs && end < issuer.validToDate.getTime() ? 'it ends within a year' : undefined;
  } catch {
    return 'it cannot be read';
  }
}

/** A new key and its certificate, with the chain up to the root. */
export async function issueCertificate(
  member: PoolMember,
  { authority }: PoolRecord,
  now: Date,
): Promise<{ readonly keyPem: string; readonly chainPem: string }> {
  const { makeKeyAndCsr, openAuthority } = await import('@muster/trust');
  const issuer = await openAuthority({
    root: { certificatePem: authority.rootPem },
    intermediate: { certificatePem: authority.intermediatePem, keyPem: authority.keyPem },
  });
  const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: member.name });
  const { chainPem } = await issuer.signMember({ csrPem, memberName: member.name, ipAddresses: [member.address], lifetimeDays, now });
  return { keyPem, chainPem };
}
