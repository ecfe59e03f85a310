import { X509Certificate, createHash } from 'node:crypto';
import { serverIdentity } from '@muster/api/agent';
import { beforeAll, describe, expect, it } from 'vitest';
import { TestFolder, later, makeAuthority, nodeId, nodeName, now, openssl, signedNode, type Opened } from '../test/authority-fixture.ts';
import { makeKeyAndCsr } from './key-and-csr.ts';
import { openAuthority } from './open-authority.ts';
import { splitPemChain } from './pem.ts';

let opened: Opened;
beforeAll(async () => {
  opened = await makeAuthority();
});

/** What `openssl verify` says of a certificate, at the time the tests live in. */
function verify(certificatePem: string, options: readonly string[] = []): { readonly ok: boolean; readonly output: string } {
  using folder = new TestFolder();
  const root = folder.file('root.pem', opened.authority.rootPem);
  const intermediate = folder.file('intermediate.pem', opened.authority.intermediatePem);
  const leaf = folder.file('leaf.pem', certificatePem);
  const time = String(now.getTime() / 1000);
  return openssl([
    'verify',
    '-x509_strict',
    '-check_ss_sig',
    '-attime',
    time,
    ...options,
    '-CAfile',
    root,
    '-untrusted',
    intermediate,
    leaf,
  ]);
}

function text(certificatePem: string): string {
  using folder = new TestFolder();
  return openssl(['x509', '-noout', '-text', '-in', folder.file('certificate.pem', certificatePem)]).output;
}

describe('the authority itself', () => {
  it('has a root for 20 years that may sign one authority below it', () => {
    const shown = text(opened.authority.rootPem);
    expect(shown).toMatch(/Signature Algorithm: ecdsa-with-SHA256/u);
    expect(shown).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:1\n/u);
    expect(shown).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/u);
    const root = new X509Certificate(opened.authority.rootPem);
    expect(root.validFromDate).toEqual(new Date('2026-11-20T11:55:00Z'));
    expect(root.validToDate).toEqual(new Date('2046-11-20T12:00:00Z'));
  });

  it('has an intermediate for 10 years that may sign no authority', () => {
    const shown = text(opened.authority.intermediatePem);
    expect(shown).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/u);
    expect(shown).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/u);
    expect(new X509Certificate(opened.authority.intermediatePem).validToDate).toEqual(new Date('2036-11-20T00:00:00Z'));
  });

  it('links the three by key identifiers', async () => {
    const node = await signedNode(opened.authority);
    const id = (shown: string, kind: string): string | undefined =>
      new RegExp(`${kind} Key Identifier:\\s+([0-9A-F:]+)`, 'u').exec(shown)?.[1];
    const [root, intermediate, leaf] = [opened.authority.rootPem, opened.authority.intermediatePem, node.certificatePem].map(text);
    expect(id(root ?? '', 'Subject')).toMatch(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/u);
    expect(id(intermediate ?? '', 'Authority')).toBe(id(root ?? '', 'Subject'));
    expect(id(leaf ?? '', 'Authority')).toBe(id(intermediate ?? '', 'Subject'));
  });

  it('is known by the SHA-256 of its root', () => {
    const der = new X509Certificate(opened.authority.rootPem).raw;
    expect(opened.authority.fingerprint).toBe(createHash('sha256').update(der).digest('hex'));
  });

  it('has another name each time, so that two can be trusted side by side', async () => {
    const other = await makeAuthority();
    expect(new X509Certificate(other.authority.rootPem).subject).not.toBe(new X509Certificate(opened.authority.rootPem).subject);
  });

  it('does not show its key', () => {
    expect(JSON.stringify(opened.authority)).not.toMatch(/PRIVATE/u);
  });
});

describe('opening an authority', () => {
  it('refuses parts that do not belong together', async () => {
    const { parts } = await makeAuthority();
    const mixes = [
      { root: opened.parts.root, intermediate: parts.intermediate },
      { root: parts.root, intermediate: { certificatePem: parts.intermediate.certificatePem, keyPem: opened.parts.intermediate.keyPem } },
      { root: parts.intermediate, intermediate: parts.intermediate },
      { root: { certificatePem: 'nothing' }, intermediate: parts.intermediate },
      { root: { certificatePem: parts.root.certificatePem + parts.root.certificatePem }, intermediate: parts.intermediate },
      { root: parts.root, intermediate: { certificatePem: parts.intermediate.certificatePem, keyPem: 'nothing' } },
    ];
    for (const mix of mixes) await expect(openAuthority(mix)).rejects.toMatchObject({ code: 'authority-damaged' });
  });

  it('does not take a leaf for an authority', async () => {
    const node = await signedNode(opened.authority);
    const parts = { root: opened.parts.root, intermediate: { certificatePem: node.certificatePem, keyPem: node.keyPem } };
    await expect(openAuthority(parts)).rejects.toMatchObject({ code: 'authority-damaged' });
  });
});

describe('a node’s certificate', () => {
  it('is accepted by openssl verify as client and as server', async () => {
    const node = await signedNode(opened.authority, { addresses: ['10.0.0.5'] });
    for (const options of [
      [],
      ['-purpose', 'sslclient'],
      ['-purpose', 'sslserver'],
      ['-verify_hostname', nodeName],
      ['-verify_ip', '10.0.0.5'],
    ]) {
      expect(verify(node.certificatePem, options)).toMatchObject({ ok: true });
    }
    expect(verify(node.certificatePem, ['-verify_hostname', 'worker2.example.org']).output).toMatch(/hostname mismatch/iu);
  });

  it('holds what the server says and nothing more', async () => {
    const addresses = ['10.0.0.5', 'fd00:0:0:0::5', '::ffff:192.0.2.1', 'fd00::5'];
    const shown = text((await signedNode(opened.authority, { addresses })).certificatePem);
    expect(shown).toContain(`Subject: CN = ${nodeName}\n`);
    expect(shown).toMatch(/Basic Constraints: critical\s+CA:FALSE\n/u);
    expect(shown).toMatch(/Key Usage: critical\s+Digital Signature\n/u);
    expect(shown).toMatch(/Extended Key Usage:\s+TLS Web Client Authentication, TLS Web Server Authentication\n/u);
    expect(shown).toContain(
      `URI:urn:muster:node:${nodeId}, DNS:${nodeName}, IP Address:10.0.0.5, IP Address:FD00:0:0:0:0:0:0:5, IP Address:0:0:0:0:0:FFFF:C000:201\n`,
    );
  });

  it('is described by what comes with it', async () => {
    const node = await signedNode(opened.authority);
    const leaf = new X509Certificate(node.certificatePem);
    expect(node.serial).toMatch(/^[4-7][0-9a-f]{31}$/u);
    expect(node.serial).toBe(leaf.serialNumber.toLowerCase());
    expect(node.fingerprint).toBe(leaf.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(node.spkiSha256).toBe(
      createHash('sha256')
        .update(leaf.publicKey.export({ format: 'der', type: 'spki' }))
        .digest('hex'),
    );
    expect([node.notBefore, node.notAfter]).toEqual([leaf.validFromDate, leaf.validToDate]);
    expect([node.notBefore, node.notAfter]).toEqual([new Date('2026-11-20T11:55:00Z'), later(90)]);
    expect(splitPemChain(node.chainPem)).toEqual([node.certificatePem, opened.authority.intermediatePem]);
    expect(node.lifetimeClipped).toBe(false);
  });

  it('never has the same serial twice', async () => {
    const serials = new Set<string>();
    for (let count = 0; count < 50; count += 1) serials.add((await signedNode(opened.authority)).serial);
    expect(serials.size).toBe(50);
  });

  it('never outlives the authority, and says so', async () => {
    const node = await signedNode(opened.authority, { at: later(3650), lifetimeDays: 90 });
    expect(node.lifetimeClipped).toBe(true);
    expect(node.notAfter).toEqual(new X509Certificate(opened.authority.intermediatePem).validToDate);
  });

  it.each([1 / 24, 365, 3653])('lives %d days when told to', async (lifetimeDays) => {
    await expect(signedNode(opened.authority, { lifetimeDays })).resolves.toMatchObject({ lifetimeClipped: lifetimeDays > 3652 });
  });

  it.each([0, 0.04, -1, 3654, Number.NaN, Number.POSITIVE_INFINITY])('cannot live %d days', async (lifetimeDays) => {
    await expect(signedNode(opened.authority, { lifetimeDays })).rejects.toMatchObject({ code: 'invalid-lifetime' });
  });

  it('is not signed by an authority that has ended or has not begun', async () => {
    await expect(signedNode(opened.authority, { at: later(3653) })).rejects.toMatchObject({ code: 'authority-expired' });
    await expect(signedNode(opened.authority, { at: later(-1) })).rejects.toMatchObject({ code: 'authority-not-yet-valid' });
    await expect(signedNode(opened.authority, { at: new Date(Number.NaN) })).rejects.toMatchObject({ code: 'invalid-date' });
  });

  it('cannot have an id, a name or an address that is none', async () => {
    await expect(signedNode(opened.authority, { id: '42' })).rejects.toMatchObject({ code: 'invalid-node-id' });
    for (const address of ['10.0.0.0/8', 'fe80::1%eth0', '010.0.0.1', 'worker1', '']) {
      await expect(signedNode(opened.authority, { addresses: [address] })).rejects.toMatchObject({ code: 'invalid-address' });
    }
    const { csrPem } = await makeKeyAndCsr({ nodeName });
    const request = { csrPem, nodeId, addresses: [], lifetimeDays: 90, now };
    await expect(opened.authority.signNode({ ...request, nodeName: '*.example.org' })).rejects.toMatchObject({ code: 'invalid-name' });
  });

  it('cannot be in the name by which agents know the server', async () => {
    await expect(signedNode(opened.authority, { name: serverIdentity })).rejects.toMatchObject({ code: 'invalid-name' });
  });

  it('takes a name longer than a common name may be', async () => {
    const name = `${'a'.repeat(40)}.${'b'.repeat(40)}.example.org`;
    const node = await signedNode(opened.authority, { name });
    expect(new X509Certificate(node.certificatePem).subject).toBe(`CN=${'a'.repeat(40)}`);
    expect(verify(node.certificatePem, ['-verify_hostname', name])).toMatchObject({ ok: true });
  });
});

describe('a server’s certificate', () => {
  const wish = { dnsNames: ['muster.example.org'], ipAddresses: ['10.0.0.1', 'fd00::1'], lifetimeDays: 90, now };

  it('is accepted by openssl verify as a server only, by every name it has', async () => {
    const { csrPem } = await makeKeyAndCsr({ nodeName: serverIdentity });
    const server = await opened.authority.signServer({ csrPem, ...wish });
    for (const name of [serverIdentity, 'muster.example.org']) {
      expect(verify(server.certificatePem, ['-purpose', 'sslserver', '-verify_hostname', name])).toMatchObject({ ok: true });
    }
    expect(verify(server.certificatePem, ['-verify_ip', 'fd00::1'])).toMatchObject({ ok: true });
    expect(verify(server.certificatePem, ['-purpose', 'sslclient'])).toMatchObject({ ok: false });
  });

  it('is asked for in the name of the server', async () => {
    const { csrPem } = await makeKeyAndCsr({ nodeName });
    await expect(opened.authority.signServer({ csrPem, ...wish })).rejects.toMatchObject({ code: 'csr-asks-too-much' });
  });

  it('cannot have names or addresses that are none', async () => {
    const { csrPem } = await makeKeyAndCsr({ nodeName: serverIdentity });
    await expect(opened.authority.signServer({ csrPem, ...wish, dnsNames: ['a b'] })).rejects.toMatchObject({ code: 'invalid-name' });
    await expect(opened.authority.signServer({ csrPem, ...wish, ipAddresses: ['x'] })).rejects.toMatchObject({ code: 'invalid-address' });
  });
});
