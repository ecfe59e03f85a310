import { randomUUID } from 'node:crypto';
import { NodeCertificate } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate, signed } from '../../test/builders.ts';
import { NodeNotFound } from '../errors.ts';
import type { Store } from '../store.ts';

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

/** Nobody says that services were told, and nothing waits for it. */
const atOnce = { seconds: 0, longestSeconds: 0 };
const later = { seconds: 30, longestSeconds: 900 };

describe('prove', () => {
  it('makes the certificate the one in use, and those before it retire', async () => {
    const { store, node, record, reasons } = await withNode();
    await record('01');
    expect((await store.nodes.get(node.id)).certificateSerial).toBeNull();
    expect(await store.certificates.prove('01', atOnce)).toBe(true);
    const first = await store.nodes.get(node.id);
    expect(first.certificateSerial).toBe('01');
    expect(first.certificateExpiresAt).not.toBeNull();
    await record('02');
    await record('03');
    expect(await store.certificates.prove('03', atOnce)).toBe(true);
    expect((await store.nodes.get(node.id)).certificateSerial).toBe('03');
    expect(await reasons()).toEqual({ '01': null, '02': null, '03': null });
    expect((await store.certificates.retireDue()).map((one) => one.serial).toSorted()).toEqual(['01', '02']);
    expect(await reasons()).toEqual({ '01': 'superseded', '02': 'superseded', '03': null });
    expect(await store.certificates.retireDue()).toEqual([]);
  });

  it('changes nothing the second time, nor for a certificate that was issued later and is not proven', async () => {
    const { store, record, reasons } = await withNode();
    await record('01');
    await record('02');
    await store.certificates.prove('01', atOnce);
    expect(await store.certificates.prove('01', atOnce)).toBe(false);
    await store.certificates.retireDue();
    expect(await reasons()).toEqual({ '01': null, '02': null });
  });

  it('proves nothing by a certificate that is revoked or unknown, or whose node is gone', async () => {
    const { store, node, record } = await withNode();
    await record('01');
    await record('02');
    await store.certificates.prove('02', atOnce);
    await store.certificates.retireDue();
    expect(await store.certificates.prove('01', atOnce)).toBe(false);
    expect((await store.nodes.get(node.id)).certificateSerial).toBe('02');
    expect(await store.certificates.prove('ff', atOnce)).toBe(false);
    await record('03');
    await store.nodes.remove(node.id);
    expect(await store.certificates.prove('03', atOnce)).toBe(false);
  });

  it('leaves the newest in use whatever proves at the same time, and in whatever order', async () => {
    const { store, node, record, reasons } = await withNode();
    for (const serial of ['01', '02', '03', '04']) await record(serial);
    await Promise.all(['04', '01', '03', '02'].map((serial) => store.certificates.prove(serial, atOnce)));
    expect((await store.nodes.get(node.id)).certificateSerial).toBe('04');
    await store.certificates.retireDue();
    expect(await reasons()).toEqual({ '01': 'superseded', '02': 'superseded', '03': 'superseded', '04': null });
  });
});

describe('take', () => {
  const hooks = [{ name: '10-web', ok: true, message: 'exit status 0' }];
  const secondsLeft = async (store: Store, serial: string) => {
    const { items } = await store.certificates.list({ limit: 10, offset: 0 });
    const at = items.find((one) => one.serial === serial)?.retiresAt;
    return at === null || at === undefined ? at : Math.round((Date.parse(at) - Date.now()) / 1000);
  };

  it('lets those before it go after the short overlap, while without it they stay for the long one', async () => {
    const { store, record } = await withNode();
    await record('01');
    await store.certificates.prove('01', later);
    await record('02');
    expect(await secondsLeft(store, '01')).toBeNull();
    await store.certificates.prove('02', later);
    expect(await secondsLeft(store, '01')).toBeGreaterThan(890);
    expect(await store.certificates.isSettled('02')).toBe(false);
    await store.certificates.take('02', hooks, 30);
    expect(await secondsLeft(store, '01')).toBeLessThan(31);
    await store.certificates.take('02', hooks, 500);
    expect(await secondsLeft(store, '01')).toBeLessThan(31);
    await store.certificates.take('02', hooks, 0);
    await store.certificates.retireDue();
    expect(await store.certificates.isSettled('02')).toBe(true);
    expect(await store.certificates.isSettled('01')).toBe(false);
    expect(await store.certificates.isSettled('ff')).toBe(false);
  });

  it('before the proof ends nothing, and then counts', async () => {
    const { store, record } = await withNode();
    await record('01');
    await store.certificates.prove('01', later);
    await record('02');
    await store.certificates.take('02', [], 0);
    expect(await secondsLeft(store, '01')).toBeNull();
    expect(await store.certificates.isSettled('02')).toBe(false);
    await store.certificates.prove('02', { seconds: 0, longestSeconds: 900 });
    expect((await store.certificates.retireDue()).map((one) => one.serial)).toEqual(['01']);
  });

  it('is announced once for the same answers of the hooks, and as a warning when one failed', async () => {
    const { store, node, record } = await withNode();
    await record('01');
    const taken = async () =>
      (await store.events.list({ nodeId: node.id, limit: 20 })).filter((event) => event.kind === 'certificate-taken');
    await store.certificates.take('01', hooks, 0);
    await store.certificates.take('01', hooks, 0);
    expect(await taken()).toMatchObject([{ severity: 'info', data: { serial: '01', hooks } }]);
    await store.certificates.take('01', [{ name: '10-web', ok: false, message: 'exit status 1' }], 0);
    expect(await taken()).toMatchObject([
      { severity: 'warning', message: 'Services of worker1 may still use their old certificate: 10-web: exit status 1' },
      { severity: 'info' },
    ]);
  });

  it('says nothing of a certificate that is revoked or unknown', async () => {
    const { store, node, record } = await withNode();
    await record('01');
    await store.certificates.revoke('01', 'lost');
    await store.certificates.take('01', hooks, 0);
    await store.certificates.take('ff', hooks, 0);
    expect((await store.events.list({ nodeId: node.id, limit: 20 })).some((event) => event.kind === 'certificate-taken')).toBe(false);
  });
});

describe('retireDue', () => {
  it('announces each, as something that is in order', async () => {
    const { store, node, record } = await withNode();
    for (const serial of ['01', '02', '03']) await record(serial);
    await store.certificates.prove('03', atOnce);
    await Promise.all([store.certificates.retireDue(), store.certificates.retireDue(), store.certificates.retireDue()]);
    const events = (await store.events.list({ nodeId: node.id, limit: 20 })).filter((event) => event.kind === 'certificate-revoked');
    expect(events.map((event) => String(event.data['serial'])).toSorted()).toEqual(['01', '02']);
    expect(events.map((event) => event.severity)).toEqual(['info', 'info']);
    expect((await store.nodes.get(node.id)).registration).toBe('pending');
  });

  it('does not wait for, nor deadlock with, what happens to the nodes at the same time', async () => {
    const { store } = await withStore();
    const nodes = await Promise.all(Array.from({ length: 20 }, (_, index) => store.nodes.add(nodeCreate(`n${index}`))));
    for (const node of nodes)
      for (const serial of ['a', 'b', 'c'])
        await store.certificates.record({ ...signed(`${node.name}${serial}`), nodeId: node.id, nodeName: node.name });
    await Promise.all([
      ...nodes.map((node) => store.certificates.prove(`${node.name}c`, atOnce)),
      ...nodes.slice(0, 10).map((node) => store.nodes.remove(node.id)),
      ...nodes.slice(10).map((node) => store.certificates.revokeAll(node.id, 'test')),
      ...Array.from({ length: 10 }, () => store.certificates.retireDue()),
    ]);
    expect((await store.certificates.list({ limit: 100, offset: 0 })).items).toEqual([]);
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
