import type { SignedCertificate } from '@muster/store';
import type { IssuedCertificate } from '@muster/trust';
import type { NumberedAuthority } from './gateway-options.ts';

/** What the store keeps of a certificate that an authority has signed. */
export const signedCertificate = (
  { serial, fingerprint, spkiSha256, notBefore, notAfter, chainPem }: IssuedCertificate,
  { generation }: NumberedAuthority,
): SignedCertificate => ({ serial, fingerprint, spkiSha256, notBefore, notAfter, chainPem, authority: generation });
