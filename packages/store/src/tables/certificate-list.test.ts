import { Certificate } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate, signed } from '../../test/builders.ts';

const dayMs = 86_400_000;
const overlap = { seconds: 30, longestSeconds: 900 };
const lived = (share: number, lifeDays = 90) => ({
  notBefore: new Date(Date.now() - share * lifeDays * dayMs),
  notAfter: new Date(Date.now() + (1 - share) * lifeDays * dayMs),
});

async function withNodes(...names: string[]) {
  const { store } = await withStore();
  const nodes = new Map<string, string>();
  for (const name of names) nodes.set(name, (await store.nodes.add(nodeCreate(name))).id);
  const record = (name: string, serial: string, rest: Partial<ReturnType<typeof signed>> = {}) =>
    store.certificates.record({ ...signed(serial), ...rest, nodeId: nodes.get(name)!, nodeName: name });
  const listed = async (query: Partial<Parameters<typeof store.certificates.list>[0]> = {}) => {
    const { items, total } = await store.certificates.list({ limit: 100, offset: 0, ...query });
    return { serials: items.map((one) => one.serial), total, items };
  };
  return { store, nodes, record, listed };
}

describe('the list of certificates', () => {
  it('says where each stands, and shows those that are accepted unless asked for others', async () => {
    const { store, record, listed } = await withNodes('n1');
    await record('n1', '01', lived(0.5));
    await store.certificates.prove('01', overlap);
    await record('n1', '02');
    await store.certificates.prove('02', overlap);
    await record('n1', '03', lived(1.1));
    await record('n1', '04');
    await record('n1', '05');
    await store.certificates.revoke('05', 'lost');
    const { items, total } = await listed();
    expect(items.map((one) => Certificate.parse(one))).toEqual(items);
    expect(items.map((one) => [one.serial, one.state])).toEqual([
      ['04', 'new'],
      ['02', 'in-use'],
      ['01', 'retiring'],
    ]);
    expect(total).toBe(3);
    expect(items.map((one) => one.lifeLeft.toFixed(2))).toEqual(['1.00', '1.00', '0.50']);
    expect(items[2]?.retiresAt).not.toBeNull();
    expect(items[1]?.retiresAt).toBeNull();
    expect((await listed({ state: 'expired' })).items).toMatchObject([{ serial: '03', lifeLeft: 0 }]);
    expect((await listed({ state: 'revoked' })).items).toMatchObject([{ serial: '05', revocationReason: 'lost', retiresAt: null }]);
    expect((await listed({ state: 'in-use' })).serials).toEqual(['02']);
  });

  it('is in the natural order of names, in pages, for the nodes asked for', async () => {
    const { nodes, record, listed } = await withNodes('n10', 'n9', 'n1');
    for (const [index, name] of ['n10', 'n9', 'n1'].entries()) {
      await record(name, `a${index}`);
      await record(name, `b${index}`);
    }
    expect((await listed()).serials).toEqual(['b2', 'a2', 'b1', 'a1', 'b0', 'a0']);
    expect(await listed({ limit: 2, offset: 3 })).toMatchObject({ serials: ['a1', 'b0'], total: 6 });
    expect(await listed({ limit: 2, offset: 30 })).toMatchObject({ serials: [], total: 6 });
    expect((await listed({ nodeIds: [nodes.get('n9')!] })).serials).toEqual(['b1', 'a1']);
    expect(await listed({ nodeIds: [] })).toMatchObject({ serials: [], total: 0 });
  });

  it('names a node as it is called now, and one that is gone as it was', async () => {
    const { store, nodes, record, listed } = await withNodes('n1', 'n2');
    await record('n1', '01');
    await record('n2', '02');
    await store.nodes.replace(nodes.get('n1')!, { ...nodeCreate('renamed') });
    await store.nodes.remove(nodes.get('n2')!);
    expect((await listed()).items.map((one) => one.nodeName)).toEqual(['renamed']);
    expect((await listed({ state: 'revoked' })).items.map((one) => one.nodeName)).toEqual(['n2']);
  });
});

describe('announceNearEnd', () => {
  it('announces each certificate in use once, when less than that share of its life is left', async () => {
    const { store, record } = await withNodes('n1', 'n2', 'n3');
    await record('n1', '01', lived(0.85));
    await record('n2', '02', lived(0.75));
    await record('n3', '03', lived(0.95));
    for (const serial of ['01', '02']) await store.certificates.prove(serial, overlap);
    expect(await store.certificates.announceNearEnd(0.2)).toEqual(['01']);
    expect(await store.certificates.announceNearEnd(0.2)).toEqual([]);
    const events = (await store.events.list({ limit: 100 })).filter((event) => event.kind === 'certificate-near-end');
    expect(events).toMatchObject([{ severity: 'warning', nodeName: 'n1', data: { serial: '01' } }]);
    await record('n1', '04', lived(0.9));
    await store.certificates.prove('04', overlap);
    expect(await store.certificates.announceNearEnd(0.2)).toEqual(['04']);
  });

  it('is done by one of several servers', async () => {
    const { store, record } = await withNodes('n1');
    await record('n1', '01', lived(0.9));
    await store.certificates.prove('01', overlap);
    const announced = await Promise.all(Array.from({ length: 5 }, () => store.certificates.announceNearEnd(0.2)));
    expect(announced.flat()).toEqual(['01']);
  });

  it('leaves a revoked certificate alone', async () => {
    const { store, record } = await withNodes('n1');
    await record('n1', '01', lived(0.9));
    await store.certificates.prove('01', overlap);
    await store.certificates.revoke('01', 'lost');
    expect(await store.certificates.announceNearEnd(0.2)).toEqual([]);
  });
});
