import { randomUUID } from 'node:crypto';
import { type Node, nodeSortKeys } from '@muster/api';
import { expandRange, fieldValue, nodeFields, nodeWorld, parseNodeQuery, selectNodes, sortKeys, worldNodeOf } from '@muster/core';
import { withStore } from '@muster/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { facts, nodeCreate, query, sha256, signed } from '../../test/builders.ts';
import type { Store } from '../store.ts';

/* The database sorts and filters as core says: one population of many kinds of nodes, every field, both ways. */

let store: Store;
let nodes: Node[];
const whole = { sort: [], filters: [], limit: 1000, offset: 0 };
const address = (text: string) => ({
  interface: 'eth0',
  address: text,
  family: text.includes(':') ? ('ipv6' as const) : ('ipv4' as const),
});

beforeAll(async () => {
  const made = await withStore();
  ({ store } = made);
  const kinds = 24;
  for (let i = 0; i < kinds; i += 1) await makeNode(i);
  await store.administration.act(await named('n1', 'n2'), { action: 'cordon', reason: 'disk' }, 'ada', () => undefined);
  await store.administration.act(await named('n3'), { action: 'drain', reason: '' }, 'ada', () => undefined);
  await store.administration.act(await named('n4'), { action: 'drain', reason: '' }, 'ada', () => undefined);
  await store.administration.finishDrains([(await store.nodes.get('n4')).id]);
  await store.administration.act(await named('n1', 'n5'), { action: 'begin-maintenance', reason: 'new fan' }, 'ada', () => undefined);
  const marked = await named('n6', 'n7', 'n8');
  for (const [i, state] of (['stopped', 'restarting', 'needs-attention'] as const).entries())
    await store.agents.mark(marked[i]!.id, state, 'as it is');
  await query(
    made.connection,
    "update node_presence set last_heartbeat_at = now() - (random() * 1000 + 100) * interval '1 second' where last_heartbeat_at is not null",
  );
  nodes = (await store.nodes.list(whole)).items;
});

const named = (...names: string[]) => Promise.all(names.map((name) => store.nodes.get(name)));

async function makeNode(i: number): Promise<void> {
  const node = await store.nodes.add(kindOf(i));
  if (i % 5 === 4) return;
  await store.observations.saveFacts(node.id, factsOf(i));
  await enrol(node.name, i);
  await store.health.save([{ nodeId: node.id, state: (['good', 'bad', 'degraded'] as const)[i % 3] ?? 'good', reasons: [] }]);
  await store.presence.recordHeartbeats([{ nodeId: node.id, clockSkewMs: (i - 10) * 100 }], 'server');
  await store.presence.setConnected(node.id, 'server', i % 3 !== 1);
}

const kindOf = (i: number) =>
  nodeCreate(`n${i}`, {
    privateIp: i % 3 === 0 ? `10.0.${i % 2}.${i + 9}` : i % 7 === 1 ? `fd00::${i}` : null,
    publicIp: i % 5 === 0 ? `198.51.100.${i}` : null,
    labels: i % 4 === 0 ? {} : { rack: `r${i % 12}`, zone: i % 2 === 0 ? 'A' : 'b' },
    groups: [...(i % 2 === 0 ? ['even'] : []), ...(i % 6 === 0 ? ['six'] : [])],
    environments: i % 8 === 0 ? 'off' : 'on',
    notes: i % 9 === 0 ? `Note ${i}` : '',
  });

const factsOf = (i: number) =>
  facts({
    hostname: i % 4 === 0 ? `n${i}.example.org` : i % 11 === 0 ? `Other${i}` : `n${i}`,
    addresses:
      i % 6 === 5 ? [] : [address(`10.0.${i % 2}.${i + 9}`), address(`fd00::${i}`), ...(i % 10 === 0 ? [address('203.0.113.9')] : [])],
    cores: 2 ** (i % 7),
    memoryBytes: 2 ** 30 * (i % 9),
    gpus: Array.from({ length: i % 3 }, (_, at) => ({ model: 'x', memoryBytes: 1, uuid: String(at) })),
    os: { id: i % 2 === 0 ? 'debian' : 'rocky', version: String(i % 13), name: i % 2 === 0 ? `Debian ${i % 13}` : `Rocky ${i % 10}` },
    kernel: `6.${i}.0`,
    architecture: i % 2 === 0 ? 'x64' : 'arm64',
    agentVersion: `0.${i % 11}.0`,
  });

async function enrol(nodeName: string, i: number): Promise<void> {
  if (i % 3 === 2) return;
  await store.enrolment.makeToken(nodeName, sha256(nodeName), 60);
  const certificate = { ...signed(sha256(nodeName).slice(0, 32)), notAfter: new Date(Date.now() + (i + 1.5) * 86_400_000) };
  await store.enrolment.redeem({ nodeName, secretSha256: sha256(nodeName), spkiSha256: 'k', sign: async () => certificate });
  if (i % 3 === 0) await store.certificates.prove(certificate.serial, { seconds: 0, longestSeconds: 0 });
}

const names = (items: readonly Node[]): string[] => items.map(({ name }) => name);

async function bothWays(sort: string, ...filter: string[]): Promise<{ here: string[]; there: string[]; total: number }> {
  const parsed = parseNodeQuery(sort, filter);
  if (!parsed.ok) throw new Error(parsed.errors.map(({ message }) => message).join('; '));
  const { items, total } = await store.nodes.list({ ...whole, sort: parsed.sort, filters: parsed.filters });
  return { here: names(selectNodes(nodes, parsed.sort, parsed.filters, Date.now())), there: names(items), total };
}

describe('the population of these tests', () => {
  it('has for every field at least two values among them, or this file would prove little', () => {
    for (const key of sortKeys) {
      const values = new Set(nodes.map((node) => JSON.stringify(fieldValue(key, node, 0))));
      expect(values.size, key).toBeGreaterThan(key === 'agent' ? 0 : 1);
    }
  });
});

describe('the database sorts', () => {
  it.each([...nodeSortKeys, 'label.rack', 'label.none', 'label.zone'])('by %s as core does, up and down', async (key) => {
    for (const sort of [key, `-${key}`]) {
      const { here, there } = await bothWays(sort);
      expect(there, sort).toEqual(here);
    }
  });

  it('by several keys as core does', async () => {
    const keys = fc.array(fc.tuple(fc.constantFrom('', '-'), fc.constantFrom(...nodeSortKeys, 'label.rack')), {
      minLength: 2,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(keys, async (parts) => {
        const { here, there } = await bothWays(parts.map((part) => part.join('')).join(','));
        expect(there).toEqual(here);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the database filters', () => {
  const text = [...'0123.ndebFD:x', '=', '=n1', '=N1', 'Debian', 'NOTE', '10.0.', '%', '_', "'", '\\', ' '];
  const number = ['0', '1', '8', '>8', '>=8', '<8', '<=8', '!=8', '=8', '>-0.2', '<0', 'none', '>1000000', '<99999999999999'];
  const moment = ['>now-1h', '<now+5d', '>=2020-01-01', '<2020-01-01T00:00:00Z', '<=now+30000d', '>now-36500d', 'none'];

  it.each(nodeSortKeys)('by %s as core does', async (key) => {
    const field = nodeFields[key];
    const values =
      field.kind === 'choice'
        ? [...field.choices, field.choices.slice(0, 2).join(',')]
        : { text, number, moment, list: ['even', 'six', 'even,six', 'none'] }[field.kind];
    for (const value of values) {
      const filter = `${key === 'groups' ? 'group' : key}:${value}`;
      const { here, there, total } = await bothWays('name', filter);
      expect([there, total], filter).toEqual([here, here.length]);
    }
  });

  it.each([
    'label.rack:r1',
    'label.rack:r',
    'label.zone:A',
    'label.zone:a',
    'label.none:',
    "label.'; drop table nodes; --:x",
    'label.rack:\u0000',
  ])('by %j as core does', async (filter) => {
    const { here, there } = await bothWays('name', filter);
    expect(there).toEqual(here);
  });

  it('by several at once as core does', async () => {
    const one = fc.constantFrom(
      'cores:>=4',
      'name:n1',
      'connected:true',
      'group:even',
      'label.zone:b',
      'health:good,bad',
      'mismatch:true',
      'os:debian',
      'maintenance:off',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 4 }), async (filters) => {
        const { here, there } = await bothWays('-cores,name', ...filters);
        expect(there).toEqual(here);
      }),
      { numRuns: 40 },
    );
  });

  it('within a range, in the order asked for, and counts all before paging', async () => {
    const ids = nodes.filter(({ name }) => ['n7', 'n11', 'n2'].includes(name)).map(({ id }) => id);
    const page = await store.nodes.list({ ...whole, sort: [{ key: 'name', descending: true }], ids, limit: 2 });
    expect([names(page.items), page.total]).toEqual([['n11', 'n7'], 3]);
    expect((await store.nodes.list({ ...whole, ids: [] })).total).toBe(0);
  });
});

describe('long answers', () => {
  it('go by the ids of all that match, in order, and leave out what is gone', async () => {
    const parsed = parseNodeQuery('-cores', ['connected:true']);
    if (!parsed.ok) throw new Error('not understood');
    const ids = await store.nodes.ids(parsed);
    expect(names(await store.nodes.byIds(ids))).toEqual((await bothWays('-cores', 'connected:true')).here);
    const [first] = nodes;
    expect(names(await store.nodes.byIds([randomUUID(), first!.id]))).toEqual([first!.name]);
    expect(await store.nodes.byIds([])).toEqual([]);
  });
});

describe('the world of ranges', () => {
  it('has of every node what core reads from it', async () => {
    const rows = await store.nodes.world({ fields: sortKeys, labels: true });
    const expected = nodes.map((node) => worldNodeOf(node, Date.now()));
    expect(rows.map(({ name }) => name)).toEqual(names(selectNodes(nodes, [{ key: 'name', descending: false }], [], 0)));
    for (const row of rows) {
      const node = expected.find(({ name }) => name === row.name);
      expect(row.labels).toEqual(node?.labels);
      for (const key of sortKeys) {
        const [there, here] = [row.values[key] ?? null, node?.values[key] ?? null];
        if (key === 'heartbeatAgeSeconds' || key === 'certificateDaysLeft')
          expect(Math.abs(Number(there) - Number(here)), key).toBeLessThan(60);
        else expect(Array.isArray(there) && there.length === 0 ? null : there, `${row.name} ${key}`).toEqual(here);
      }
    }
  });

  it('reads no more than is asked for, and answers ranges', async () => {
    const [row] = await store.nodes.world({ fields: [], labels: false });
    expect(row).toMatchObject({ name: 'n0', labels: {}, values: {} });
    const world = nodeWorld(await store.nodes.world({ fields: ['cores', 'os', 'maintenance'], labels: true }));
    expect(expandRange('maintenance=on', world)).toEqual(['n1', 'n5']);
    expect(expandRange('(n[0-9]@cores>=16),-os=debian', world)).toEqual(['n5']);
    expect(expandRange('even@label.zone=A', world, { allowEmpty: true })).toEqual(['n2', 'n6', 'n10', 'n14', 'n18', 'n22']);
  });
});
