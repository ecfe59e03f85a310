import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { later, makeAuthority, now, openssl, signedNode, TestFolder } from '../test/authority-fixture.ts';
import { newSerial } from './certificate-parts.ts';
import { signRootCrl } from './open-authority.ts';
import type { CrlEntry } from './sign-crl.ts';

const { parts, authority } = await makeAuthority();
const entry = (serial: string, reason = 'superseded', revokedAt = now): CrlEntry => ({ serial, revokedAt, reason });
const list = (entries: readonly CrlEntry[], number = 1) => authority.signCrl({ number, entries, thisUpdate: now, nextUpdate: later(1) });

/** What openssl says of a list. */
async function shown(entries: readonly CrlEntry[], number?: number): Promise<string> {
  using folder = new TestFolder();
  const { pem } = await list(entries, number);
  return openssl(['crl', '-in', folder.file('crl.pem', pem), '-noout', '-text']).output;
}

/** Whether openssl accepts a node's certificate by a list. */
async function verified(chainPem: string, crlPem: string, check = '-crl_check'): Promise<{ ok: boolean; output: string }> {
  using folder = new TestFolder();
  const [leaf, root, intermediate, crl] = [
    folder.file('leaf.pem', chainPem),
    folder.file('root.pem', authority.rootPem),
    folder.file('intermediate.pem', authority.intermediatePem),
    folder.file('crl.pem', crlPem),
  ];
  const at = String(now.getTime() / 1000 + 60);
  return openssl(['verify', '-attime', at, '-CAfile', root, '-untrusted', intermediate, '-CRLfile', crl, check, leaf]);
}

describe('a revocation list', () => {
  it('is one that openssl reads: version 2, number, dates, the issuer’s key', async () => {
    const text = await shown([entry('4a'.repeat(16), 'key-compromise')], 300);
    expect(text).toContain('Version 2 (0x1)');
    expect(text).toContain('ecdsa-with-SHA256');
    expect(text).toMatch(/X509v3 CRL Number:\s*300/u);
    expect(text).toContain('X509v3 Authority Key Identifier');
    expect(text).toContain('Last Update: Nov 20 12:00:00 2026 GMT');
    expect(text).toContain('Next Update: Nov 21 12:00:00 2026 GMT');
    expect(text).toMatch(/Serial Number: (?:4A){16}/u);
    expect(text).toContain('Key Compromise');
  });

  it.each([
    ['superseded', 'Superseded'],
    ['node-removed', 'Cessation Of Operation'],
    ['cessation-of-operation', 'Cessation Of Operation'],
  ])('tells %s as %s', async (reason, shownAs) => expect(await shown([entry('01', reason)])).toContain(shownAs));

  it('does not tell a reason that has no code', async () => {
    expect(await shown([entry('01', 'the cat sat on it')])).not.toContain('CRL entry extensions');
  });

  it('without entries has no empty list, which would be wrong', async () => {
    expect(await shown([])).toContain('No Revoked Certificates.');
  });

  it('lets through what is not on it and refuses what is', async () => {
    const [good, bad] = [await signedNode(authority), await signedNode(authority)];
    const { pem } = await list([entry(bad.serial)]);
    expect(await verified(good.chainPem, pem)).toMatchObject({ ok: true });
    expect(await verified(bad.chainPem, pem)).toMatchObject({
      ok: false,
      output: expect.stringContaining('certificate revoked') as string,
    });
  });

  it('of another authority counts for nothing', async () => {
    const other = await makeAuthority();
    const { pem } = await other.authority.signCrl({ number: 1, entries: [], thisUpdate: now, nextUpdate: later(1) });
    const { chainPem } = await signedNode(authority);
    expect(await verified(chainPem, pem)).toMatchObject({
      ok: false,
      output: expect.stringContaining('unable to get certificate CRL') as string,
    });
  });

  it('together with that of the root satisfies whoever wants one for each authority', async () => {
    const { chainPem } = await signedNode(authority);
    const { pem } = await list([]);
    expect(await verified(chainPem, pem, '-crl_check_all')).toMatchObject({ ok: false });
    const root = await signRootCrl(parts.root);
    expect(await verified(chainPem, pem + root.pem, '-crl_check_all')).toMatchObject({ ok: true });
  });

  it('of the root is made by the root’s key alone', async () => {
    const wrong = { certificatePem: parts.root.certificatePem, keyPem: parts.intermediate.keyPem };
    await expect(signRootCrl(wrong)).rejects.toThrow('the private key does not belong to the root');
  });

  it('has every serial as the certificate has it, whatever its digits', async () => {
    const serials = fc.oneof(
      fc.constant('00'),
      fc.constant('7f'),
      fc.constant('80'),
      fc.constant('0'),
      fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: 1, maxLength: 40 }).map((digits) => digits.join('')),
    );
    const all = [...new Set(fc.sample(serials, 200).map((serial) => BigInt(`0x${serial}`).toString(16)))];
    const text = await shown(all.map((serial) => entry(serial)));
    const found = [...text.matchAll(/Serial Number: ([0-9A-F]+)/gu)].map((match) => BigInt(`0x${match[1]}`).toString(16));
    expect(found).toEqual(all);
  });

  it('can carry a moment after 2050', async () => {
    expect(await shown([entry('01', 'superseded', new Date('2051-02-03T04:05:06Z'))])).toContain('Feb  3 04:05:06 2051 GMT');
  });

  it('of fifty thousand certificates is made in a moment', async () => {
    const entries = Array.from({ length: 50_000 }, () => entry(newSerial()));
    const startMs = performance.now();
    const { der } = await list(entries);
    expect(performance.now() - startMs).toBeLessThan(5000);
    expect(der.length).toBeGreaterThan(2_000_000);
  });
});
