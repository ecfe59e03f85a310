import { keyAlgorithm, makeKeyPair, privateKeyPem, signingAlgorithm } from './ecdsa.ts';
import { commonNameOf, requireHostName } from './names.ts';
import { Name, Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from './x509.ts';

/** A key and the request for its certificate. */
export type KeyAndCsr = {
  /** PKCS#8 PEM, not encrypted: it belongs in a file with mode 0600 and nowhere else. */
  readonly keyPem: string;
  readonly csrPem: string;
};

/**
 * Makes a new P-256 key and asks for a certificate for it in the node's name, and for nothing else: id, addresses and uses are the
 * server's to say. A server asks in the name `serverIdentity`.
 * @throws TrustError `invalid-name`
 */
export async function makeKeyAndCsr({ nodeName }: { readonly nodeName: string }): Promise<KeyAndCsr> {
  requireHostName(nodeName, 'the name of a node');
  const keys = await makeKeyPair();
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name: new Name([{ CN: [{ utf8String: commonNameOf(nodeName) }] }]),
    keys,
    signingAlgorithm: { ...keyAlgorithm, ...signingAlgorithm },
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: nodeName }])],
  });
  return { keyPem: await privateKeyPem(keys.privateKey), csrPem: `${csr.toString('pem')}\n` };
}
