import { randomUUID } from 'node:crypto';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate, query, sha256, signed } from '../../test/builders.ts';
import { NodeNotFound } from '../errors.ts';

const dayMs = 86_400_000;

async function withNode() {
  const { store, connection } = await withStore();
  const node = await store.nodes.add(nodeCreate('worker1'));
  const record = (serial: string, rest: Partial<ReturnType<typeof signed>> = {}) =>
    store.certificates.record({ ...signed(serial), ...rest, nodeId: node.id, nodeName: node.name });
  const enrol = async (serial: string, token: string) => {
    await store.enrolment.makeToken(node.id, sha256(token), 1800);
    const sign = () => Promise.resolve(signed(serial));
    return store.enrolment.redeem({ nodeName: node.name, secretSha256: sha256(token), spkiSha256: sha256(serial), sign });
  };
  const events = async () => (await store.events.list({ nodeId: node.id, limit: 100 })).filter((one) => one.kind === 'certificate-revoked');
  return { store, connection, node, record, enrol, events };
}

describe('revokeAll', () => {
  it('ends every certificate of the node, with an event each, and leaves it to a new token to bring it back', async () => {
    const { store, node, enrol, record, events } = await withNode();
    await enrol('01', 'first');
    await record('02');
    const unused = sha256('unused');
    await store.enrolment.makeToken(node.id, unused, 1800);
    const { nodeName, serials } = await store.certificates.revokeAll('worker1', 'key-compromise');
    expect([nodeName, serials.toSorted()]).toEqual(['worker1', ['01', '02']]);
    expect((await events()).map((event) => [event.severity, event.data['reason']])).toEqual([
      ['warning', 'key-compromise'],
      ['warning', 'key-compromise'],
    ]);
    expect((await store.nodes.get(node.id)).registration).toBe('pending');
    const again = { nodeName: 'worker1', secretSha256: unused, spkiSha256: sha256('03'), sign: () => Promise.resolve(signed('03')) };
    expect(await store.enrolment.redeem(again)).toMatchObject({ ok: false, reason: 'ended' });
    expect(await enrol('03', 'new')).toMatchObject({ ok: true });
    expect((await store.nodes.get(node.id)).registration).toBe('registered');
  });

  it('is idempotent, and knows no node of another name', async () => {
    const { store, enrol, events } = await withNode();
    await enrol('01', 'first');
    await store.certificates.revokeAll('worker1', 'lost');
    expect(await store.certificates.revokeAll('worker1', 'again')).toMatchObject({ serials: [] });
    expect(await events()).toHaveLength(1);
    await expect(store.certificates.revokeAll('worker9', 'lost')).rejects.toThrow(NodeNotFound);
  });
});

describe('revoke', () => {
  it('of one of two leaves the node registered, of the last does not', async () => {
    const { store, node, enrol, record } = await withNode();
    await enrol('01', 'first');
    await record('02');
    await store.certificates.revoke('01', 'lost');
    expect((await store.nodes.get(node.id)).registration).toBe('registered');
    await store.certificates.revoke('02', 'lost');
    expect((await store.nodes.get(node.id)).registration).toBe('pending');
  });

  it('is possible for the certificate of a node that is gone, and changes nothing then', async () => {
    const { store, node, record } = await withNode();
    await record('01');
    await store.nodes.remove(node.id);
    expect(await store.certificates.revoke('01', 'lost')).toBe(false);
    expect(await store.certificates.status('01')).toMatchObject({ reason: 'node-removed' });
  });
});

describe('endedAmong', () => {
  it('names those that an open connection must not use any more, with the reason', async () => {
    const { store, record } = await withNode();
    for (const serial of ['01', '02', '03']) await record(serial);
    await store.certificates.revoke('02', 'lost');
    const other = await store.nodes.add(nodeCreate('worker2'));
    await store.certificates.record({ ...signed('04'), nodeId: other.id, nodeName: other.name });
    await store.nodes.remove(other.id);
    const ended = await store.certificates.endedAmong(['01', '02', '03', '04', 'ff']);
    expect(ended.toSorted((a, b) => a.serial.localeCompare(b.serial))).toEqual([
      { serial: '02', reason: 'lost' },
      { serial: '04', reason: 'node-removed' },
      { serial: 'ff', reason: 'unknown' },
    ]);
    expect(await store.certificates.endedAmong([])).toEqual([]);
  });

  it('answers for ten thousand connections at once', async () => {
    const { store } = await withNode();
    const serials = Array.from({ length: 10_000 }, () => randomUUID());
    expect(await store.certificates.endedAmong(serials)).toHaveLength(10_000);
  });
});

describe('revokedOf', () => {
  it('lists what an authority signed and what is revoked, with a higher number each time', async () => {
    const { store, connection, record } = await withNode();
    await record('01');
    await record('02', { authority: 2 });
    await record('03');
    const before = await store.certificates.revokedOf(1);
    expect(before.entries).toEqual([]);
    await store.certificates.revoke('01', 'key-compromise');
    await store.certificates.revoke('02', 'lost');
    const first = await store.certificates.revokedOf(1);
    expect(first.entries).toEqual([{ serial: '01', reason: 'key-compromise', revokedAt: expect.any(Date) }]);
    expect(Math.abs(first.entries[0]!.revokedAt.getTime() - Date.now())).toBeLessThan(60_000);
    expect((await store.certificates.revokedOf(2)).entries.map((one) => one.serial)).toEqual(['02']);
    expect(first.number).toBeGreaterThan(before.number);
    const numbers = await Promise.all(Array.from({ length: 20 }, () => store.certificates.revokedOf(1)));
    expect(new Set(numbers.map((one) => one.number)).size).toBe(20);
    await query(connection, 'delete from certificates');
    expect((await store.certificates.revokedOf(1)).entries).toEqual([]);
  });

  it('keeps one for a while after its end, then drops it', async () => {
    const { store, record } = await withNode();
    const ended = (days: number) => ({ notBefore: new Date(Date.now() - 90 * dayMs), notAfter: new Date(Date.now() - days * dayMs) });
    await record('01', ended(1));
    await record('02', ended(3));
    for (const serial of ['01', '02']) await store.certificates.revoke(serial, 'lost');
    expect((await store.certificates.revokedOf(1)).entries.map((one) => one.serial)).toEqual(['01']);
  });
});
