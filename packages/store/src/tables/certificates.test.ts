import { randomUUID } from 'node:crypto';
import { NodeCertificate } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate, signed } from '../../test/builders.ts';
import { NodeNotFound } from '../errors.ts';

async function withNode() {
  const { store } = await withStore();
  const node = await store.nodes.add(nodeCreate('worker1'));
  const record = (serial: string) => store.certificates.record({ ...signed(serial), nodeId: node.id, nodeName: node.name });
  const reasons = async () =>
    Object.fromEntries((await store.certificates.byNode(node.id)).map((one) => [one.serial, one.revocationReason]));
  return { store, node, record, reasons };
}

describe('record', () => {
  it('keeps the certificate and announces it', async () => {
    const { store, node } = await withNode();
    const certificate = signed('0a');
    await store.certificates.record({ ...certificate, nodeId: node.id, nodeName: node.name });
    const [kept] = await store.certificates.byNode(node.id);
    expect(NodeCertificate.parse(kept)).toEqual(kept);
    expect(kept).toMatchObject({
      serial: '0a',
      nodeId: node.id,
      fingerprint: certificate.fingerprint,
      notBefore: certificate.notBefore.toISOString(),
      notAfter: certificate.notAfter.toISOString(),
      revokedAt: null,
      revocationReason: null,
    });
    const [event] = await store.events.list({ limit: 1 });
    expect(event).toMatchObject({ kind: 'certificate-issued', nodeId: node.id, data: { serial: '0a' } });
  });

  it('shows the newest first', async () => {
    const { store, node, record } = await withNode();
    for (const serial of ['0b', '0a', '0c']) await record(serial);
    expect((await store.certificates.byNode(node.id)).map((one) => one.serial)).toEqual(['0c', '0a', '0b']);
  });

  it('refuses one for a node that is gone', async () => {
    const { store } = await withNode();
    await expect(store.certificates.record({ ...signed('0a'), nodeId: randomUUID(), nodeName: 'gone' })).rejects.toThrow(NodeNotFound);
    expect(await store.certificates.status('0a')).toBeUndefined();
  });
});

describe('status', () => {
  it('names the node as it is called now, and says undefined for a serial that was never issued', async () => {
    const { store, node, record } = await withNode();
    await record('0a');
    await store.nodes.replace(node.id, { ...node, name: 'renamed' });
    const status = await store.certificates.status('0a');
    expect(status).toMatchObject({ serial: '0a', nodeId: node.id, nodeName: 'renamed', revoked: false, reason: null, nodeExists: true });
    expect(Date.parse(String(status?.notAfter))).toBeGreaterThan(Date.now());
    expect(await store.certificates.status('0b')).toBeUndefined();
    expect(await store.certificates.status('')).toBeUndefined();
  });
});

describe('prove', () => {
  it('makes the certificate the one in use and ends those before it', async () => {
    const { store, node, record, reasons } = await withNode();
    await record('01');
    expect((await store.nodes.get(node.id)).certificateSerial).toBeNull();
    expect(await store.certificates.prove('01')).toEqual([]);
    const first = await store.nodes.get(node.id);
    expect(first.certificateSerial).toBe('01');
    expect(first.certificateExpiresAt).not.toBeNull();
    await record('02');
    await record('03');
    expect((await store.certificates.prove('03')).toSorted()).toEqual(['01', '02']);
    expect((await store.nodes.get(node.id)).certificateSerial).toBe('03');
    expect(await reasons()).toEqual({ '01': 'superseded', '02': 'superseded', '03': null });
  });

  it('changes nothing the second time, nor for a certificate that was issued later and is not proven', async () => {
    const { store, record, reasons } = await withNode();
    await record('01');
    await record('02');
    await store.certificates.prove('01');
    expect(await store.certificates.prove('01')).toEqual([]);
    expect(await reasons()).toEqual({ '01': null, '02': null });
  });

  it('proves nothing by a certificate that is revoked or unknown, or whose node is gone', async () => {
    const { store, node, record } = await withNode();
    await record('01');
    await record('02');
    await store.certificates.prove('02');
    expect(await store.certificates.prove('01')).toEqual([]);
    expect((await store.nodes.get(node.id)).certificateSerial).toBe('02');
    expect(await store.certificates.prove('ff')).toEqual([]);
    await record('03');
    await store.nodes.remove(node.id);
    expect(await store.certificates.prove('03')).toEqual([]);
  });

  it('leaves one certificate in use whatever proves at the same time', async () => {
    const { store, node, record, reasons } = await withNode();
    for (const serial of ['01', '02', '03', '04']) await record(serial);
    await Promise.all(['01', '02', '03', '04'].map((serial) => store.certificates.prove(serial)));
    expect((await store.nodes.get(node.id)).certificateSerial).toBe('04');
    expect(await reasons()).toEqual({ '01': 'superseded', '02': 'superseded', '03': 'superseded', '04': null });
  });
});

describe('revoke', () => {
  it('keeps the first reason, and announces it once', async () => {
    const { store, node, record } = await withNode();
    await record('01');
    expect(await store.certificates.revoke('01', 'key-lost')).toBe(true);
    expect(await store.certificates.revoke('01', 'again')).toBe(false);
    expect(await store.certificates.revoke('ff', 'unknown')).toBe(false);
    expect(await store.certificates.status('01')).toMatchObject({ revoked: true, reason: 'key-lost', nodeExists: true });
    const events = (await store.events.list({ nodeId: node.id, limit: 10 })).filter((event) => event.kind === 'certificate-revoked');
    expect(events).toMatchObject([{ severity: 'warning', data: { serial: '01', reason: 'key-lost' } }]);
  });
});
