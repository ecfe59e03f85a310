import fc from 'fast-check';
import { X509Certificate } from 'node:crypto';
import { serverIdentity } from '@muster/api/agent';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  TestFolder,
  keyMakers,
  later,
  makeAuthority,
  nodeId,
  nodeName,
  nodeNames,
  now,
  oddLeaf,
  openssl,
  pkcs8,
  signedNode,
  type Opened,
  type Signed,
} from '../test/authority-fixture.ts';
import { explainPeer, type PeerVerdict } from './explain-peer.ts';
import { makeKeyAndCsr } from './key-and-csr.ts';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  type Extension,
  type JsonGeneralName,
} from './x509.ts';

let opened: Opened;
let other: Opened;
let node: Signed;
beforeAll(async () => {
  [opened, other] = await Promise.all([makeAuthority(), makeAuthority()]);
  node = await signedNode(opened.authority, { addresses: ['10.0.0.5', 'fd00::5'] });
});

const explain = (certificatePem: string, at: Date = now): PeerVerdict => {
  const { rootPem, intermediatePem } = opened.authority;
  return explainPeer({ certificatePem, rootPem, intermediatePem, now: at });
};

const clientUse = new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]);
const names = (list: readonly JsonGeneralName[]): Extension => new SubjectAlternativeNameExtension([...list]);

function selfSigned(key: keyof typeof keyMakers, subject: string): string {
  using folder = new TestFolder();
  const path = folder.file('key.pem', pkcs8(keyMakers[key]().privateKey));
  return openssl(['req', '-x509', '-new', '-key', path, '-subj', subject, '-days', '30']).output;
}

describe('a node’s certificate', () => {
  it('says which node it is, in PEM, as a chain and in DER', () => {
    const accepted = { ok: true, nodeId, nodeName, serial: node.serial, notAfter: node.notAfter };
    const { rootPem, intermediatePem } = opened.authority;
    expect(explain(node.certificatePem)).toEqual(accepted);
    expect(explain(node.chainPem)).toEqual(accepted);
    expect(explainPeer({ certificateDer: new X509Certificate(node.certificatePem).raw, rootPem, intermediatePem, now })).toEqual(accepted);
  });

  it('is good with a name longer than a common name', async () => {
    const name = `${'a'.repeat(63)}.${'b'.repeat(63)}.example.org`;
    expect(explain((await signedNode(opened.authority, { name })).certificatePem)).toMatchObject({ ok: true, nodeName: name });
  });

  it('is good from its first second to its last', () => {
    expect(explain(node.certificatePem, node.notBefore)).toMatchObject({ ok: true });
    expect(explain(node.certificatePem, node.notAfter)).toMatchObject({ ok: true });
    expect(explain(node.certificatePem, new Date(node.notBefore.getTime() - 1))).toMatchObject({ reason: 'not-yet-valid' });
    expect(explain(node.certificatePem, new Date(node.notAfter.getTime() + 1))).toMatchObject({ reason: 'expired' });
    expect(explain(node.certificatePem, new Date(Number.NaN))).toMatchObject({ ok: false });
  });

  it('is refused when the authority has ended', () => {
    expect(explain(node.certificatePem, later(4000))).toMatchObject({ reason: 'expired' });
  });
});

describe('a certificate of someone else is refused', () => {
  it.each([
    ['p256', `/CN=${nodeName}`],
    ['rsa1024', '/CN=x'],
    ['ed25519', '/CN=x'],
  ] as const)('signed with its own key (%s)', (key, subject) => {
    expect(explain(selfSigned(key, subject))).toMatchObject({ ok: false, reason: 'self-signed' });
  });

  it('of another authority, also when that has our names', async () => {
    expect(explain((await signedNode(other.authority)).certificatePem)).toMatchObject({ reason: 'wrong-authority' });
    const issuer = new X509Certificate(opened.authority.intermediatePem).subject.slice('CN='.length);
    expect(explain(selfSigned('p256', `/CN=${issuer}`))).toMatchObject({ reason: 'self-signed' });
    const imitation = await oddLeaf(
      { ...opened.parts, intermediate: { ...opened.parts.intermediate, keyPem: other.parts.intermediate.keyPem } },
      { publicKey: keyMakers.p256().publicKey, extensions: [clientUse, names(nodeNames)] },
    );
    expect(explain(imitation)).toMatchObject({ reason: 'wrong-authority' });
  });

  it('that is the authority itself', () => {
    expect(explain(opened.authority.rootPem)).toMatchObject({ reason: 'self-signed' });
    expect(explain(opened.authority.intermediatePem)).toMatchObject({ reason: 'wrong-authority' });
  });

  it('that is the server’s', async () => {
    const { csrPem } = await makeKeyAndCsr({ nodeName: serverIdentity });
    const server = await opened.authority.signServer({ csrPem, dnsNames: [], ipAddresses: [], lifetimeDays: 90, now });
    expect(explain(server.certificatePem)).toMatchObject({ reason: 'not-a-node' });
  });

  it('whose signature was changed', () => {
    const der = Buffer.from(new X509Certificate(node.certificatePem).raw);
    der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1;
    const { rootPem, intermediatePem } = opened.authority;
    expect(explainPeer({ certificateDer: der, rootPem, intermediatePem, now })).toMatchObject({ reason: 'wrong-authority' });
  });
});

describe('a certificate that our own authority should never have signed is refused', () => {
  const odd = async (change: {
    key?: keyof typeof keyMakers;
    extensions?: readonly Extension[];
    commonName?: string;
    notAfter?: Date;
  }): Promise<PeerVerdict> =>
    explain(
      await oddLeaf(opened.parts, {
        publicKey: keyMakers[change.key ?? 'p256']().publicKey,
        extensions: change.extensions ?? [clientUse, names(nodeNames)],
        commonName: change.commonName ?? nodeName,
      }),
    );

  it('and the ordinary one is accepted', async () => {
    expect(await odd({})).toMatchObject({ ok: true });
    expect(await odd({ key: 'p384' })).toMatchObject({ ok: true });
  });

  it.each(['rsa1024', 'rsa2048', 'secp256k1', 'p192', 'ed25519'] as const)('for a key of kind %s', async (key) => {
    expect(await odd({ key })).toMatchObject({ reason: 'weak-key' });
  });

  it.each<[string, () => readonly Extension[]]>([
    ['no use as a client', () => [new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]), names(nodeNames)]],
    ['no uses', () => [names(nodeNames)]],
    ['no names', () => [clientUse]],
    ['no id', () => [clientUse, names([nodeNames[1]])]],
    ['two ids', () => [clientUse, names([...nodeNames, { type: 'url', value: 'urn:muster:node:0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6072' }])]],
    ['an id that is none', () => [clientUse, names([{ type: 'url', value: 'urn:muster:node:42' }, nodeNames[1]])]],
    ['an e-mail address', () => [clientUse, names([...nodeNames, { type: 'email', value: 'a@b.org' }])]],
    ['an id hidden in a name', () => [clientUse, names([{ type: 'dns', value: `${nodeName}, URI:${nodeNames[0].value}` }])]],
    ['being an authority', () => [clientUse, names(nodeNames), new BasicConstraintsExtension(true, 0, true)]],
  ])('with %s', async (_, extensions) => {
    expect(await odd({ extensions: extensions() })).toMatchObject({ reason: 'not-a-node' });
  });

  it('when subject and name do not agree', async () => {
    expect(await odd({ commonName: 'worker2.example.org' })).toMatchObject({ reason: 'name-mismatch' });
    expect(await odd({ commonName: `${nodeName}\nO=x` })).toMatchObject({ reason: 'name-mismatch' });
    expect(await odd({ extensions: [clientUse, names([...nodeNames, { type: 'dns', value: 'worker2' }])] })).toMatchObject({
      reason: 'name-mismatch',
    });
    expect(await odd({ extensions: [clientUse, names([nodeNames[0]])] })).toMatchObject({ reason: 'name-mismatch' });
    expect(
      await odd({ extensions: [clientUse, names([nodeNames[0], { type: 'dns', value: '*.org' }])], commonName: '*.org' }),
    ).toMatchObject({ reason: 'name-mismatch' });
  });

  it('with a message on one line, whatever the certificate holds', async () => {
    const verdict = await odd({ commonName: 'a\u001b[2J\nb\u202e' });
    expect(verdict.ok ? '' : verdict.message).toMatch(/^[^\p{Cc}\p{Cf}]+$/u);
  });
});

describe('what is no certificate', () => {
  it('is malformed', () => {
    const { rootPem, intermediatePem } = opened.authority;
    expect(explain('')).toMatchObject({ reason: 'malformed' });
    expect(explain(node.keyPem)).toMatchObject({ reason: 'malformed' });
    expect(explain(node.certificatePem.repeat(100))).toMatchObject({ reason: 'malformed' });
    expect(explainPeer({ certificateDer: new Uint8Array(), rootPem, intermediatePem, now })).toMatchObject({ reason: 'malformed' });
    expect(explainPeer({ certificateDer: Buffer.alloc(10_000_000, 0x30), rootPem, intermediatePem, now })).toMatchObject({
      reason: 'malformed',
    });
  });

  it('is the server’s trouble when the authority cannot be read', () => {
    const { rootPem, intermediatePem } = opened.authority;
    const question = { certificatePem: node.certificatePem, rootPem, intermediatePem, now };
    expect(explainPeer({ ...question, rootPem: '' })).toMatchObject({ reason: 'authority-unreadable' });
    expect(explainPeer({ ...question, intermediatePem: other.authority.intermediatePem })).toMatchObject({
      reason: 'authority-unreadable',
    });
  });

  it('never makes it throw, nor pass as another node', () => {
    const { rootPem, intermediatePem } = opened.authority;
    const der = Buffer.from(new X509Certificate(node.certificatePem).raw);
    const judged = (certificateDer: Uint8Array): PeerVerdict => explainPeer({ certificateDer, rootPem, intermediatePem, now });
    expect(() =>
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 800 }), (bytes) => !judged(bytes).ok),
        { numRuns: 2000 },
      ),
    ).not.toThrow();
    const edits = fc.array(fc.record({ at: fc.nat(der.length - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 4 });
    expect(() =>
      fc.assert(
        fc.property(edits, fc.nat(der.length), (changes, cut) => {
          const changed = Buffer.from(der);
          for (const { at, byte } of changes) changed[at] = byte;
          return [changed, changed.subarray(0, cut)].map(judged).every((verdict) => !verdict.ok || verdict.nodeId === nodeId);
        }),
        { numRuns: 5000 },
      ),
    ).not.toThrow();
    expect(() =>
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), (text) => !explain(text).ok),
        { numRuns: 500 },
      ),
    ).not.toThrow();
  });
});
