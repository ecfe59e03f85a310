import { X509Certificate } from 'node:crypto';
import { makeKeyAndCsr } from '@muster/trust';
import { beforeAll, expect, it } from 'vitest';
import { makeFakeAuthority, type FakeAuthority } from '../../test/fake-authority.ts';
import { nodeId } from '../../test/fake-gateway.ts';
import { checkChain, fingerprintOf, nodeIdOf, readCertificates } from './certificate-chain.ts';

let ours: FakeAuthority;
let theirs: FakeAuthority;
let keyPem: string;
let chainPem: string;
let rootPem: string;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([makeFakeAuthority(), makeFakeAuthority()]);
  const made = await makeKeyAndCsr({ nodeName: 'worker1' });
  keyPem = made.keyPem;
  chainPem = await ours.signNode({ csrPem: made.csrPem, nodeId, nodeName: 'worker1' });
  rootPem = ours.authority.rootPem;
});

it('accepts a chain from this key to this root, and reads the node from it', () => {
  const leaf = checkChain({ keyPem, chainPem, rootPem });
  expect(nodeIdOf(leaf)).toBe(nodeId);
});

it('reads the fingerprint that tokens carry', () => {
  expect(fingerprintOf(readCertificates(rootPem)[0]!.raw)).toBe(ours.authority.fingerprint);
});

it('refuses another key', async () => {
  const other = await makeKeyAndCsr({ nodeName: 'worker1' });
  expect(() => checkChain({ keyPem: other.keyPem, chainPem, rootPem })).toThrow(/another key than this node made/u);
});

it('refuses another root', () => {
  expect(() => checkChain({ keyPem, chainPem, rootPem: theirs.authority.rootPem })).toThrow(/Certificate 2 of the chain was not signed/u);
});

it('refuses a chain with a link missing', () => {
  const leafPem = new X509Certificate(chainPem).toString();
  expect(() => checkChain({ keyPem, chainPem: leafPem, rootPem })).toThrow(/Certificate 1 of the chain was not signed/u);
});

it.each(['', 'no certificate at all', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])('refuses %j', (text) => {
  expect(() => checkChain({ keyPem, chainPem: text, rootPem })).toThrow(/certificate/u);
});

it('finds no node in a certificate that names none', () => {
  expect(nodeIdOf(new X509Certificate(rootPem))).toBeUndefined();
});
