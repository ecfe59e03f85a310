import { createHash, createPrivateKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyMakers, nodeName, opensslCsr } from '../test/authority-fixture.ts';
import { makeKeyAndCsr } from './key-and-csr.ts';
import { readPem, writePem } from './pem.ts';
import { csrFacts } from './read-csr.ts';
import { isTrustError } from './trust-error.ts';

const derOf = (csrPem: string): Buffer => readPem(csrPem)[0]?.der ?? Buffer.alloc(0);
const pemOf = (der: Uint8Array): string => writePem('CERTIFICATE REQUEST', der);

function flipped(der: Buffer, offset: number): Buffer {
  const copy = Buffer.from(der);
  copy[offset] = (copy[offset] ?? 0) ^ 1;
  return copy;
}

describe('the facts of a request', () => {
  it('are those of a request made here', async () => {
    const { csrPem } = await makeKeyAndCsr({ nodeName });
    await expect(csrFacts(csrPem)).resolves.toMatchObject({ commonName: nodeName, keyType: 'P-256' });
  });

  it('are those of a request made by openssl', async () => {
    const { privateKey, publicKey } = keyMakers.p384();
    const spkiSha256 = createHash('sha256')
      .update(publicKey.export({ format: 'der', type: 'spki' }))
      .digest('hex');
    await expect(csrFacts(opensslCsr({ key: privateKey }))).resolves.toEqual({ commonName: nodeName, keyType: 'P-384', spkiSha256 });
  });

  it('have no common name when there is none, or two', async () => {
    await expect(csrFacts(opensslCsr({ subject: '/O=x' }))).resolves.toMatchObject({ commonName: undefined });
    await expect(csrFacts(opensslCsr({ subject: '/CN=a/CN=b' }))).resolves.toMatchObject({ commonName: undefined });
  });
});

describe('a request is refused', () => {
  it.each([
    ['rsa1024', 'RSA with 1024 bits'],
    ['rsa2048', 'RSA with 2048 bits'],
    ['p192', 'EC on prime192v1'],
    ['secp256k1', 'EC on secp256k1'],
    ['p521', 'EC on secp521r1'],
    ['ed25519', 'ED25519'],
  ] as const)('for a key of kind %s', async (kind, told) => {
    const refused = csrFacts(opensslCsr({ key: keyMakers[kind]().privateKey }));
    await expect(refused).rejects.toMatchObject({ code: 'csr-weak-key', what: expect.stringContaining(told) });
  });

  it('for a curve given by its parameters, even when they are those of P-256', async () => {
    await expect(csrFacts(opensslCsr({ key: keyMakers.explicitP256().privateKey }))).rejects.toMatchObject({ code: 'csr-weak-key' });
  });

  it('when its signature is of another key or its content was changed', async () => {
    const mine = derOf((await makeKeyAndCsr({ nodeName })).csrPem);
    const nameAt = mine.indexOf(nodeName);
    await expect(csrFacts(pemOf(flipped(mine, nameAt)))).rejects.toMatchObject({ code: 'csr-signature-wrong' });
    const other = derOf((await makeKeyAndCsr({ nodeName })).csrPem);
    const forged = Buffer.concat([mine.subarray(0, -32), other.subarray(-32)]);
    await expect(csrFacts(pemOf(forged))).rejects.toMatchObject({ code: 'csr-signature-wrong' });
  });

  it('when its signature is over SHA-1', async () => {
    await expect(csrFacts(opensslCsr({ options: ['-sha1'] }))).rejects.toMatchObject({
      code: 'csr-malformed',
      what: expect.stringContaining('SHA-1'),
    });
  });

  it('when it is too large, at once', async () => {
    await expect(csrFacts('A'.repeat(100_000_000))).rejects.toMatchObject({ code: 'csr-too-large' });
  });

  it('when there is not exactly one', async () => {
    const { csrPem, keyPem } = await makeKeyAndCsr({ nodeName });
    const der = derOf(csrPem);
    const texts = [
      '',
      'hello',
      csrPem + csrPem,
      keyPem,
      der.toString('hex'),
      der.toString('base64'),
      csrPem.replace('END', 'AND'),
      writePem('CERTIFICATE', der),
    ];
    for (const text of texts) await expect(csrFacts(text)).rejects.toMatchObject({ code: 'csr-malformed' });
  });

  it('when its DER goes deep', async () => {
    const deep = Buffer.concat([Buffer.alloc(3000, Buffer.from([0x30, 0x80])), Buffer.alloc(1500)]);
    await expect(csrFacts(pemOf(deep))).rejects.toMatchObject({ code: 'csr-malformed' });
  });

  it('without showing a key that was sent by mistake', async () => {
    const { keyPem } = await makeKeyAndCsr({ nodeName });
    const error: unknown = await csrFacts(keyPem).catch((reason: unknown) => reason);
    const body = createPrivateKey(keyPem).export({ format: 'der', type: 'pkcs8' }).toString('base64').slice(0, 30);
    expect(String(error)).not.toContain(body);
  });
});

describe('whatever the bytes', () => {
  const outcome = async (pem: string): Promise<string> => {
    try {
      return (await csrFacts(pem)).spkiSha256;
    } catch (error) {
      return isTrustError(error) ? error.code : `a strange error: ${String(error)}`;
    }
  };
  const ownTerms = /^(?:[0-9a-f]{64}|csr-malformed|csr-weak-key|csr-signature-wrong|csr-too-large)$/u;
  const answersInItsOwnTerms = async (pem: string): Promise<void> => expect(await outcome(pem)).toMatch(ownTerms);

  it('random text and random DER are refused in its own terms', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        expect(await outcome(text)).toBe('csr-malformed');
      }),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => {
        expect(await outcome(pemOf(bytes))).toBe('csr-malformed');
      }),
      { numRuns: 500 },
    );
  });

  it('a good request with bytes changed, cut or added is refused in its own terms', async () => {
    const der = derOf(opensslCsr({ extensions: ['subjectAltName=DNS:a,IP:10.0.0.1,email:a@b.c,URI:urn:x', 'basicConstraints=CA:TRUE'] }));
    const damage = fc.record({
      at: fc.nat(der.length - 1),
      byte: fc.nat(255),
      cut: fc.nat(der.length),
      added: fc.uint8Array({ maxLength: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, byte, cut, added }) => {
        const changed = Buffer.from(der);
        changed[at] = byte;
        await answersInItsOwnTerms(pemOf(changed));
        await answersInItsOwnTerms(pemOf(Buffer.concat([changed.subarray(0, cut), added])));
      }),
      { numRuns: 500 },
    );
    expect(await outcome(pemOf(der))).toMatch(/^[0-9a-f]{64}$/u);
  });
});
