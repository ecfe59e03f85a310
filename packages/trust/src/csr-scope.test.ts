import { beforeAll, describe, expect, it } from 'vitest';
import { keyMakers, makeAuthority, nodeId, nodeName, now, opensslCsr, type Opened } from '../test/authority-fixture.ts';
import type { IssuedCertificate } from './issue-leaf.ts';
import { makeKeyAndCsr } from './key-and-csr.ts';
import { TrustError } from './trust-error.ts';

let opened: Opened;
beforeAll(async () => {
  opened = await makeAuthority();
});

async function sign(csrPem: string): Promise<IssuedCertificate> {
  return await opened.authority.signNode({ csrPem, nodeId, nodeName, addresses: [], lifetimeDays: 90, now });
}

describe('a request for the name and nothing else is signed', () => {
  it('as this room makes it', async () => {
    await expect(sign((await makeKeyAndCsr({ nodeName })).csrPem)).resolves.toMatchObject({ serial: expect.any(String) });
  });

  it.each([
    ['with the name as the subject only', {}],
    ['with the name twice, subject and DNS name', { extensions: [`subjectAltName=DNS:${nodeName}`] }],
    ['with a key on P-384', { key: keyMakers.p384().privateKey }],
  ])('as openssl makes it, %s', async (_, wish) => {
    await expect(sign(opensslCsr(wish))).resolves.toMatchObject({ serial: expect.any(String) });
  });
});

describe('a request that asks for more is refused with what it asked for', () => {
  it.each([
    ['another node’s name', { subject: '/CN=worker2.example.org' }, 'the subject "CN=worker2.example.org"'],
    ['the name in other letters', { subject: `/CN=${nodeName.toUpperCase()}` }, 'the subject'],
    ['a name with more behind it', { subject: `/CN=${nodeName}.` }, 'the subject'],
    ['an organisation', { subject: `/O=system:masters/CN=${nodeName}` }, 'the subject "O=system:masters"'],
    ['two names', { subject: `/CN=${nodeName}/CN=worker2` }, 'the subject "CN=worker2"'],
    ['its name twice', { subject: `/CN=${nodeName}/CN=${nodeName}` }, 'its common name twice'],
    ['two names in one part', { subject: `/CN=${nodeName}+CN=worker2`, options: ['-multivalue-rdn'] }, 'the subject "CN=worker2"'],
    ['no name', { subject: '/', options: [] }, 'no name at all'],
    [
      'another DNS name',
      { extensions: [`subjectAltName=DNS:${nodeName},DNS:server.muster.internal`] },
      'the DNS name "server.muster.internal"',
    ],
    ['a wildcard', { extensions: ['subjectAltName=DNS:*.example.org'] }, 'the DNS name "*.example.org"'],
    ['an address', { extensions: ['subjectAltName=IP:10.0.0.1'] }, 'the IP address "10.0.0.1"'],
    ['a node’s id', { extensions: [`subjectAltName=URI:urn:muster:node:${nodeId}`] }, 'the URI "urn:muster:node:'],
    ['an e-mail address', { extensions: ['subjectAltName=email:root@example.org'] }, 'the e-mail address "root@example.org"'],
    ['a registered id', { extensions: ['subjectAltName=RID:1.2.3.4'] }, 'the registered id "1.2.3.4"'],
    ['being an authority', { extensions: ['basicConstraints=critical,CA:TRUE'] }, 'basic constraints'],
    ['signing certificates', { extensions: ['keyUsage=keyCertSign'] }, 'a key usage'],
    ['signing code', { extensions: ['extendedKeyUsage=codeSigning'] }, 'an extended key usage'],
    ['name constraints', { extensions: ['nameConstraints=permitted;DNS:org'] }, 'name constraints'],
    ['something unknown', { extensions: ['1.2.3.4=ASN1:NULL'] }, 'the extension "1.2.3.4"'],
  ])('%s', async (_, wish, told) => {
    await expect(sign(opensslCsr(wish))).rejects.toMatchObject({ code: 'csr-asks-too-much', what: expect.stringContaining(told) });
  });

  it('names the node it was for', async () => {
    await expect(sign(opensslCsr({ subject: '/CN=worker2' }))).rejects.toThrow(`the certificate request for ${nodeName} asks for`);
  });

  it('shows control characters of the request as escapes', async () => {
    const refused: unknown = await sign(opensslCsr({ subject: '/CN=a\u001b[2Jb\u202e' })).catch((error: unknown) => error);
    expect(String(refused)).toContain(String.raw`\u001b[2J`);
    expect(String(refused)).not.toMatch(/[\u001b\u202e]/u);
  });

  it.each(['otherName:1.2.3.4;UTF8:x', `DNS:${nodeName},otherName:1.2.3.4;UTF8:x`, 'dirName:dir'])(
    '%s, a kind of name the library leaves out',
    async (names) => {
      const csrPem = opensslCsr({ extensions: [`subjectAltName=${names}`], config: '[dir]\nO=x\n' });
      await expect(sign(csrPem)).rejects.toMatchObject({
        code: 'csr-asks-too-much',
        what: expect.stringMatching(/alternative names other|directory name/u),
      });
    },
  );

  it('a name whose text cannot be taken apart', async () => {
    const csrPem = opensslCsr({ extensions: ['subjectAltName=otherName:1.3.6.1.4.1.311.25.1;UTF8:x'] });
    await expect(sign(csrPem)).rejects.toBeInstanceOf(TrustError);
  });
});
