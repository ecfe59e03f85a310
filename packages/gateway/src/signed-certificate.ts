import type { SignedCertificate } from '@muster/store';
import type { IssuedCertificate } from '@muster/trust';

/** What the store keeps of a certificate that the authority has signed. */
export const signedCertificate = ({
  serial,
  fingerprint,
  spkiSha256,
  notBefore,
  notAfter,
  chainPem,
}: IssuedCertificate): SignedCertificate => ({
  serial,
  fingerprint,
  spkiSha256,
  notBefore,
  notAfter,
  chainPem,
});
