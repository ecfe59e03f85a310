import { X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { connect, createServer, type ConnectionOptions, type Server, type TLSSocket } from 'node:tls';
import { serverIdentity } from '@muster/api/agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  dayMs,
  keyMakers,
  makeAuthority,
  nodeId,
  nodeName,
  nodeNames,
  oddLeaf,
  pkcs8,
  signedNode,
  type Opened,
} from '../test/authority-fixture.ts';
import { explainPeer, type PeerVerdict } from './explain-peer.ts';
import { makeKeyAndCsr } from './key-and-csr.ts';
import { ExtendedKeyUsage, ExtendedKeyUsageExtension, SubjectAlternativeNameExtension } from './x509.ts';

/** TLS takes its own time: these certificates are of today. */
const today = new Date();

let ours: Opened;
let theirs: Opened;
let server: Server;
let seen = (_verdict: PeerVerdict, _openSsl: string): void => undefined;

function judge(socket: TLSSocket): void {
  const { rootPem, intermediatePem } = ours.authority;
  const certificate = socket.getPeerX509Certificate();
  const openSsl = socket.authorized ? '' : String(socket.authorizationError);
  seen(explainPeer({ certificateDer: certificate?.raw ?? new Uint8Array(), rootPem, intermediatePem, now: new Date() }), openSsl);
  socket.end('seen');
}

beforeAll(async () => {
  [ours, theirs] = await Promise.all([makeAuthority(today), makeAuthority(today)]);
  const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: serverIdentity });
  const certificate = await ours.authority.signServer({ csrPem, dnsNames: [], ipAddresses: ['127.0.0.1'], lifetimeDays: 90, now: today });
  // As a gateway does it: the handshake lets everyone in so that the reason can be told, and the judgement follows.
  const options = {
    key: keyPem,
    cert: certificate.chainPem,
    ca: ours.authority.rootPem,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
  } as const;
  server = createServer(options, judge);
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.close();
  await once(server, 'close');
});

type Shown = { readonly verdict: PeerVerdict; readonly openSsl: string };

function dial(to: Server, options: ConnectionOptions): TLSSocket {
  const { port } = to.address() as AddressInfo;
  return connect({ host: '127.0.0.1', port, servername: serverIdentity, ca: ours.authority.rootPem, ...options });
}

async function show(credentials: ConnectionOptions): Promise<Shown> {
  const judged = new Promise<Shown>((resolve) => {
    seen = (verdict, openSsl) => resolve({ verdict, openSsl });
  });
  const socket = dial(server, credentials);
  socket.resume();
  await once(socket, 'close');
  return await judged;
}

describe('over real mutual TLS', () => {
  it('a node is known, and the node knows the server by its identity', async () => {
    const node = await signedNode(ours.authority, { at: today });
    const shown = await show({ key: node.keyPem, cert: node.chainPem });
    expect(shown).toMatchObject({ openSsl: '', verdict: { ok: true, nodeId, nodeName, serial: node.serial } });
  });

  it('a node’s certificate does not pass for the server’s', async () => {
    const node = await signedNode(ours.authority, { at: today });
    const impostor = createServer({ key: node.keyPem, cert: node.chainPem }, (socket) => socket.end());
    impostor.on('tlsClientError', () => undefined);
    impostor.listen(0, '127.0.0.1');
    await once(impostor, 'listening');
    await expect(once(dial(impostor, {}), 'secureConnect')).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    impostor.close();
  });

  it('a server of another authority is not trusted by the node', async () => {
    const dialled = once(dial(server, { ca: theirs.authority.rootPem }), 'secureConnect');
    await expect(dialled).rejects.toMatchObject({ code: expect.stringMatching(/^UNABLE_TO_GET_ISSUER_CERT/u) });
  });

  it('a peer without a certificate is nobody', async () => {
    await expect(show({})).resolves.toMatchObject({ verdict: { reason: 'malformed' } });
  });

  it('a node of another authority is refused', async () => {
    const node = await signedNode(theirs.authority, { at: today });
    const { verdict, openSsl } = await show({ key: node.keyPem, cert: node.chainPem });
    expect(verdict).toMatchObject({ ok: false, reason: 'wrong-authority' });
    expect(openSsl).not.toBe('');
  });

  it('an expired certificate is refused', async () => {
    const longAgo = new Date(today.getTime() - 400 * dayMs);
    const past = await makeAuthority(longAgo);
    const node = await signedNode(past.authority, { at: longAgo, lifetimeDays: 90 });
    const { rootPem, intermediatePem } = past.authority;
    const certificateDer = new X509Certificate(node.certificatePem).raw;
    expect(explainPeer({ certificateDer, rootPem, intermediatePem, now: today })).toMatchObject({ reason: 'expired' });
    expect((await show({ key: node.keyPem, cert: node.chainPem })).openSsl).not.toBe('');
  });

  it('a certificate that ended while its authority lives is refused', async () => {
    const { publicKey, privateKey } = keyMakers.p256();
    const extensions = [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]), new SubjectAlternativeNameExtension([...nodeNames])];
    const ended = await oddLeaf(ours.parts, {
      publicKey,
      extensions,
      notBefore: new Date(today.getTime() - 10 * dayMs),
      notAfter: new Date(today.getTime() - dayMs),
    });
    const shown = await show({ key: pkcs8(privateKey), cert: ended + ours.authority.intermediatePem });
    expect(shown).toMatchObject({ verdict: { ok: false, reason: 'expired' }, openSsl: 'CERT_HAS_EXPIRED' });
  });

  it('a weak key is refused, even when our authority signed it', async () => {
    const { publicKey, privateKey } = keyMakers.rsa1024();
    const extensions = [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]), new SubjectAlternativeNameExtension([...nodeNames])];
    const weak = await oddLeaf(ours.parts, { publicKey, extensions, notBefore: today, notAfter: new Date(today.getTime() + dayMs) });
    const shown = await show({ key: pkcs8(privateKey), cert: weak + ours.authority.intermediatePem, ciphers: 'DEFAULT:@SECLEVEL=0' });
    expect(shown).toMatchObject({ verdict: { ok: false, reason: 'weak-key' } });
  });

  it('the server’s own certificate is no node', async () => {
    const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: serverIdentity });
    const certificate = await ours.authority.signServer({ csrPem, dnsNames: [], ipAddresses: [], lifetimeDays: 90, now: today });
    await expect(show({ key: keyPem, cert: certificate.chainPem })).resolves.toMatchObject({
      verdict: { ok: false, reason: 'not-a-node' },
    });
  });
});
