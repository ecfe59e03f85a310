import { createCipheriv, createHash, createHmac, createPrivateKey, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { bmpString, explicit, implicit, integer, nil, objectIdentifier, octetString, sequence, setOf, utf16 } from './der.ts';
import { readPem } from './pem.ts';

/** What goes into a PKCS#12 file. */
export type Pkcs12Content = {
  /** PKCS#8 PEM. */
  readonly keyPem: string;
  /** The key's certificate and those above it, without the root. */
  readonly chainPem: string;
  /** The roots to trust. */
  readonly rootsPem: string;
  /** By this name programs find the key. */
  readonly name: string;
  readonly password: string;
};

const oids = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  // By this Java tells a root that is trusted from a certificate that only belongs to a chain.
  trustedKeyUsage: '2.16.840.1.113894.746875.1.1',
  anyUsage: '2.5.29.37.0',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const;

const derive = promisify(pbkdf2);
/* The password is random and long; so many rounds are what others write, not what protects. */
const encryptionRounds = 10_000;
const macRounds = 2048;

const oid = (name: keyof typeof oids): Buffer => objectIdentifier(oids[name]);
const attribute = (name: keyof typeof oids, value: Uint8Array): Buffer => sequence(oid(name), setOf(value));

/** Encrypts by PBES2 (RFC 8018) with AES-256; gives the algorithm as the file tells it, and the ciphertext. */
async function encrypt(content: Uint8Array, password: string): Promise<{ readonly algorithm: Buffer; readonly ciphertext: Buffer }> {
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const key = await derive(password, salt, encryptionRounds, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const ciphertext = Buffer.concat([cipher.update(content), cipher.final()]);
  const derivation = sequence(oid('pbkdf2'), sequence(octetString(salt), integer(encryptionRounds), sequence(oid('hmacSha256'), nil())));
  const algorithm = sequence(oid('pbes2'), sequence(derivation, sequence(oid('aes256Cbc'), octetString(iv))));
  return { algorithm, ciphertext };
}

const bag = (kind: 'keyBag' | 'certificateBag', value: Uint8Array, attributes: readonly Buffer[]): Buffer =>
  sequence(oid(kind), explicit(0, value), ...(attributes.length === 0 ? [] : [setOf(...attributes)]));

const certificateBag = (der: Uint8Array, attributes: readonly Buffer[]): Buffer =>
  bag('certificateBag', sequence(oid('x509Certificate'), explicit(0, octetString(der))), attributes);

const certificatesIn = (pem: string): readonly Buffer[] => readPem(pem).map((block) => block.der);

function certificateBags({ chainPem, rootsPem, name }: Pkcs12Content, keyId: Buffer): readonly Buffer[] {
  const chain = certificatesIn(chainPem);
  const ofKey = [attribute('friendlyName', bmpString(name)), attribute('localKeyId', octetString(keyId))];
  const roots = certificatesIn(rootsPem).map((der, index) =>
    certificateBag(der, [
      attribute('friendlyName', bmpString(`muster root ${index + 1}`)),
      attribute('trustedKeyUsage', objectIdentifier(oids.anyUsage)),
    ]),
  );
  return [...chain.map((der, index) => certificateBag(der, index === 0 ? ofKey : [])), ...roots];
}

const blockBytes = 64;

/** Repeats bytes until they fill whole blocks; nothing stays nothing. */
const filled = (bytes: Buffer): Buffer => Buffer.alloc(Math.ceil(bytes.length / blockBytes) * blockBytes, bytes);

/** The key of the file's checksum: RFC 7292, appendix B.2, for a key of one SHA-256. */
function macKey(password: string, salt: Buffer): Buffer {
  const purpose = Buffer.alloc(blockBytes, 3);
  const secret = Buffer.concat([utf16(password), Buffer.alloc(2)]);
  let key = Buffer.concat([purpose, filled(salt), filled(secret)]);
  for (let round = 0; round < macRounds; round += 1) key = createHash('sha256').update(key).digest();
  return key;
}

function macData(content: Uint8Array, password: string): Buffer {
  const salt = randomBytes(16);
  const digest = createHmac('sha256', macKey(password, salt)).update(content).digest();
  return sequence(sequence(sequence(oid('sha256'), nil()), octetString(digest)), octetString(salt), integer(macRounds));
}

/**
 * A PKCS#12 file (RFC 7292) with the key, its chain and the roots, encrypted with AES-256: what Java and Windows read, and OpenSSL from 1.1
 * on. Loads nothing but what Node has.
 * @throws TrustError `pem-malformed`, or the error of Node for a key that is none
 */
export async function makePkcs12(content: Pkcs12Content): Promise<Buffer> {
  const { keyPem, chainPem, name, password } = content;
  const keyId = createHash('sha256')
    .update(certificatesIn(chainPem)[0] ?? '')
    .digest();
  const keyDer = createPrivateKey(keyPem).export({ format: 'der', type: 'pkcs8' });
  const key = await encrypt(keyDer, password);
  const keyAttributes = [attribute('friendlyName', bmpString(name)), attribute('localKeyId', octetString(keyId))];
  const keys = sequence(bag('keyBag', sequence(key.algorithm, octetString(key.ciphertext)), keyAttributes));
  const certificates = await encrypt(sequence(...certificateBags(content, keyId)), password);
  const safe = sequence(
    sequence(
      oid('encryptedData'),
      explicit(0, sequence(integer(0), sequence(oid('data'), certificates.algorithm, implicit(0, certificates.ciphertext)))),
    ),
    sequence(oid('data'), explicit(0, octetString(keys))),
  );
  return sequence(integer(3), sequence(oid('data'), explicit(0, octetString(safe))), macData(safe, password));
}
