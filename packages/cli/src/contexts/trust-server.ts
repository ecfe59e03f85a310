import { CliError } from '../cli-error.ts';
import { askYesNo, canAsk } from '../ssh/ask.ts';
import { authorityOf, lookAtAuthority } from './server-authority.ts';

export type TrustOptions = {
  /** What the person knows the authority's fingerprint to be. */
  readonly fingerprint?: string;
  /** What was accepted for this address before, PEM. */
  readonly acceptedPem?: string;
};

/**
 * The authority to trust for a server, PEM: the one of the fingerprint, the one accepted before, or the one a person accepts now. Null
 * where this machine trusts the server's certificate anyway, or where there is no TLS, on a loopback address.
 * @throws CliError when there is nobody to ask, or he says no
 */
export async function trustServer(url: string, { fingerprint, acceptedPem }: TrustOptions): Promise<string | null> {
  if (url.startsWith('http:')) {
    if (fingerprint !== undefined) throw new CliError(`${url} has no certificate: --fingerprint is for https.`, 2);
    return null;
  }
  if (fingerprint !== undefined) return (await authorityOf(url, fingerprint)).pem;
  const shown = await lookAtAuthority(url);
  if (shown.isTrusted) return null;
  if (shown.pem === acceptedPem) return shown.pem;
  const changed = acceptedPem === undefined ? '' : 'It is not the one that was accepted before. ';
  if (!canAsk())
    throw new CliError(
      `${url} shows a certificate of an authority that this machine does not know. ${changed}Its fingerprint is ${shown.fingerprint}. Compare it with ` +
        `"muster status" on the server, then give it: --fingerprint ${shown.fingerprint}`,
    );
  process.stderr.write(
    `${url} shows a certificate of an authority that this machine does not know. ${changed}Its fingerprint (SHA-256) is\n\n  ${shown.fingerprint}\n\n` +
      '"muster status" on the server prints the right one.\n',
  );
  if (!(await askYesNo('Is it the same, and is this authority to be trusted for this server?')))
    throw new CliError('The authority was not accepted; nothing was sent to the server.');
  return shown.pem;
}
