import { randomUUID } from 'node:crypto';
import { type Event, Node } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate, query, sha256, signed } from '../../test/builders.ts';
import { ActionRefused, NodeNotFound } from '../errors.ts';
import type { Store } from '../store.ts';

const fine = () => undefined;

async function withNodes(...names: string[]) {
  const { store, connection } = await withStore();
  const nodes = [];
  for (const name of names) nodes.push(await store.nodes.add(nodeCreate(name)));
  const last = async (count = names.length): Promise<Event[]> => (await store.events.list({ limit: count })).toReversed();
  return { store, connection, nodes, last };
}

const shown = async (store: Store, name: string) => {
  const node = await store.nodes.get(name);
  expect(Node.parse(node)).toEqual(node);
  return node;
};

describe('cordon, drain and uncordon', () => {
  it('are kept with who, why and since when, and told of each node', async () => {
    const { store, nodes, last } = await withNodes('n1', 'n2');
    expect(await store.administration.act(nodes, { action: 'cordon', reason: 'disk' }, 'ada', fine)).toBe(2);
    expect((await shown(store, 'n1')).scheduling).toMatchObject({
      state: 'cordoned',
      reason: 'disk',
      by: 'ada',
      since: expect.any(String),
      deadline: null,
    });
    expect(await last()).toMatchObject([
      { kind: 'node-scheduling', severity: 'info', nodeName: 'n1', message: 'n1 is cordoned: nothing new comes to it. Reason: disk' },
      { kind: 'node-scheduling', nodeName: 'n2', data: { state: 'cordoned', by: 'ada', reason: 'disk' } },
    ]);
    await store.administration.act([nodes[0]!], { action: 'drain', reason: '', deadlineSeconds: 3600 }, 'bob', fine);
    const { scheduling } = await shown(store, 'n1');
    expect(scheduling).toMatchObject({ state: 'draining', reason: '', by: 'bob' });
    const minutesLeft = (Date.parse(scheduling.deadline ?? '') - Date.now()) / 60_000;
    expect(minutesLeft).toBeGreaterThan(58);
    expect(minutesLeft).toBeLessThan(62);
    await store.administration.act(nodes, { action: 'uncordon' }, 'ada', fine);
    expect((await shown(store, 'n1')).scheduling).toEqual({ state: 'open', reason: '', by: null, since: null, deadline: null });
    expect((await last())[1]).toMatchObject({ message: 'n2 is open again for new work.', data: { state: 'open', by: 'ada' } });
  });

  it('end a drain once, and only one that still goes on', async () => {
    const { store, nodes, last } = await withNodes('n1', 'n2', 'n3');
    const ids = nodes.map(({ id }) => id);
    await store.administration.act(nodes.slice(0, 2), { action: 'drain', reason: 'move', deadlineSeconds: 60 }, 'ada', fine);
    expect(await store.administration.draining()).toMatchObject([
      { name: 'n1', told: false, deadlineLeftSeconds: expect.any(Number) },
      { name: 'n2', id: ids[1] },
    ]);
    await store.administration.act([nodes[1]!], { action: 'uncordon' }, 'ada', fine);
    await Promise.all([store.administration.finishDrains(ids), store.administration.finishDrains(ids)]);
    expect((await shown(store, 'n1')).scheduling).toMatchObject({ state: 'drained', reason: 'move', by: 'ada', deadline: null });
    expect((await shown(store, 'n2')).scheduling.state).toBe('open');
    expect(await last(1)).toMatchObject([{ kind: 'node-drained', nodeName: 'n1', message: 'n1 is drained: nothing runs on it any more.' }]);
    expect((await store.events.list({ limit: 50 })).filter(({ kind }) => kind === 'node-drained')).toHaveLength(1);
    expect(await store.administration.draining()).toEqual([]);
  });

  it('tell once that a deadline passed', async () => {
    const { store, connection, nodes, last } = await withNodes('n1');
    await store.administration.act(nodes, { action: 'drain', reason: '', deadlineSeconds: 1 }, 'ada', fine);
    await query(connection, "update node_scheduling set deadline = now() - interval '5 seconds'");
    const [subject] = await store.administration.draining();
    expect(subject?.deadlineLeftSeconds).toBeLessThan(-4);
    await store.administration.tellLate(nodes[0]!.id, 'n1 is late.');
    await store.administration.tellLate(nodes[0]!.id, 'n1 is late.');
    expect((await store.events.list({ limit: 50 })).filter(({ message }) => message === 'n1 is late.')).toHaveLength(1);
    expect(await last(1)).toMatchObject([{ kind: 'node-scheduling', severity: 'warning' }]);
    expect(await store.administration.draining()).toMatchObject([{ told: true }]);
    // A new drain has a deadline of its own.
    await store.administration.act(nodes, { action: 'drain', reason: '' }, 'ada', fine);
    expect(await store.administration.draining()).toMatchObject([{ told: false, deadlineLeftSeconds: null }]);
  });
});

describe('maintenance', () => {
  it('is kept with who, why and until when, by the clock of the database', async () => {
    const { store, nodes, last } = await withNodes('n1', 'n2');
    await store.administration.act(nodes, { action: 'begin-maintenance', reason: 'fan', seconds: 3600 }, 'ada', fine);
    const { maintenance } = await shown(store, 'n1');
    expect(maintenance).toMatchObject({ reason: 'fan', by: 'ada' });
    expect(Date.parse(maintenance?.until ?? '') - Date.parse(maintenance?.since ?? '')).toBe(3_600_000);
    expect((await last())[0]).toMatchObject({
      kind: 'node-maintenance',
      severity: 'info',
      data: { state: 'begun', reason: 'fan', by: 'ada', until: maintenance?.until },
    });
    await store.administration.act([nodes[0]!], { action: 'end-maintenance' }, 'bob', fine);
    expect((await shown(store, 'n1')).maintenance).toBeNull();
    expect(await last(1)).toMatchObject([{ message: 'The maintenance of n1 was ended by bob.', data: { state: 'ended', by: 'bob' } }]);
  });

  it('may last until a moment, or until somebody ends it, and not until yesterday', async () => {
    const { store, nodes } = await withNodes('n1', 'n2');
    const until = '2099-01-01T00:00:00.000Z';
    await store.administration.act(
      [nodes[0]!],
      { action: 'begin-maintenance', reason: 'x', until: '2099-01-01T02:00:00+02:00' },
      'ada',
      fine,
    );
    expect((await shown(store, 'n1')).maintenance?.until).toBe(until);
    const past = store.administration.act(
      [nodes[1]!],
      { action: 'begin-maintenance', reason: 'x', until: '2020-01-01T00:00:00Z' },
      'ada',
      fine,
    );
    await expect(past).rejects.toThrow(/would end at 2020-01-01.*Say a later moment/u);
    await expect(past).rejects.toThrow(ActionRefused);
    expect((await shown(store, 'n2')).maintenance).toBeNull();
    await store.administration.act([nodes[1]!], { action: 'begin-maintenance', reason: 'x' }, 'ada', fine);
    expect((await shown(store, 'n2')).maintenance?.until).toBeNull();
  });

  it('ends by itself, once, whoever looks', async () => {
    const { store, connection, nodes, last } = await withNodes('n1', 'n2', 'n3');
    await store.administration.act(nodes.slice(0, 2), { action: 'begin-maintenance', reason: 'x', seconds: 600 }, 'ada', fine);
    await store.administration.act([nodes[2]!], { action: 'begin-maintenance', reason: 'x' }, 'ada', fine);
    expect(await store.administration.endDueMaintenance()).toEqual([]);
    await query(connection, "update node_maintenance set until = now() - interval '1 second' where until is not null");
    const ended = await Promise.all(Array.from({ length: 4 }, () => store.administration.endDueMaintenance()));
    expect(ended.flat()).toEqual(['n1', 'n2']);
    expect(await last(2)).toMatchObject([
      { kind: 'node-maintenance', severity: 'info', message: 'The maintenance of n1 ended by itself.' },
      { nodeName: 'n2', data: { state: 'ended' } },
    ]);
    expect((await shown(store, 'n3')).maintenance).not.toBeNull();
  });

  it('is part of what health is decided from', async () => {
    const { store, nodes } = await withNodes('n1', 'n2');
    await store.administration.act([nodes[0]!], { action: 'begin-maintenance', reason: 'fan' }, 'ada', fine);
    const subjects = await store.health.subjects();
    expect(subjects.map(({ maintenance }) => maintenance)).toEqual([{ reason: 'fan', by: 'ada', until: null }, null]);
  });
});

describe('a change of many', () => {
  it('changes what was said and counts revisions, and passes over nodes that it leaves the same', async () => {
    const { store, nodes, last } = await withNodes('n1', 'n2');
    const change = { action: 'change', labels: { rack: 'a' }, removeLabels: [], addGroups: ['gpu'], removeGroups: [] } as const;
    const asked = { ...change, removeLabels: [], addGroups: ['gpu'], removeGroups: [] };
    await store.administration.act([nodes[0]!], asked, 'ada', fine);
    await store.administration.act(nodes, { ...asked, notes: undefined }, 'ada', fine);
    expect(await shown(store, 'n1')).toMatchObject({ labels: { rack: 'a' }, groups: ['gpu'], revision: 2 });
    expect(await shown(store, 'n2')).toMatchObject({ labels: { rack: 'a' }, groups: ['gpu'], revision: 2 });
    expect((await store.events.list({ limit: 50 })).filter(({ kind }) => kind === 'node-changed')).toHaveLength(2);
    await store.administration.act(
      nodes,
      { ...asked, labels: {}, removeLabels: ['rack'], addGroups: [], removeGroups: ['gpu'], notes: 'a\u0000b', environments: 'off' },
      'ada',
      fine,
    );
    expect(await shown(store, 'n2')).toMatchObject({ labels: {}, groups: [], notes: 'a\uFFFDb', environments: 'off', revision: 3 });
    expect(await last(1)).toMatchObject([{ kind: 'node-changed', data: { revision: 3 } }]);
  });

  it('is refused as a whole where one node cannot have it', async () => {
    const { store, nodes } = await withNodes('n1', 'n2');
    const groups = Array.from({ length: 63 }, (_, at) => `g${at}`);
    const n2 = await store.nodes.get('n2');
    await store.nodes.replace('n2', { ...n2, groups: ['x', 'y'] });
    const asked = { action: 'change', labels: { a: 'b' }, removeLabels: [], addGroups: groups, removeGroups: [] } as const;
    const refused = store.administration.act(nodes, { ...asked, removeLabels: [], addGroups: groups, removeGroups: [] }, 'ada', fine);
    await expect(refused).rejects.toThrow('n2 would be in 65 groups');
    expect(await shown(store, 'n1')).toMatchObject({ labels: {}, groups: [], revision: 1 });
  });
});

describe('all or none', () => {
  it('sees the nodes as they are, and does nothing when one is refused', async () => {
    const { store, nodes } = await withNodes('n1', 'n2', 'n3');
    await store.administration.act([nodes[1]!], { action: 'cordon', reason: '' }, 'ada', fine);
    const seen: string[] = [];
    const act = store.administration.act(nodes, { action: 'cordon', reason: '' }, 'ada', (found) => {
      seen.push(...found.map(({ name, scheduling }) => `${name} ${scheduling.state}`));
      throw new Error('no');
    });
    await expect(act).rejects.toThrow('no');
    expect(seen).toEqual(['n1 open', 'n2 cordoned', 'n3 open']);
    expect((await shown(store, 'n1')).scheduling.state).toBe('open');
  });

  it('does nothing when a node is gone meanwhile, and names it', async () => {
    const { store, nodes } = await withNodes('n1', 'n2');
    await store.nodes.remove('n2');
    const act = store.administration.act(nodes, { action: 'cordon', reason: '' }, 'ada', fine);
    await expect(act).rejects.toThrow(NodeNotFound);
    await expect(act).rejects.toThrow(/"n2"/u);
    expect((await shown(store, 'n1')).scheduling.state).toBe('open');
    await expect(store.administration.act([{ id: randomUUID(), name: 'never' }], { action: 'uncordon' }, 'ada', fine)).rejects.toThrow(
      /"never"/u,
    );
  });

  it('does not deadlock when many act on the same nodes in different orders', async () => {
    const { store, nodes } = await withNodes('n1', 'n2', 'n3', 'n4');
    await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        store.administration.act(
          at % 2 === 0 ? nodes : nodes.toReversed(),
          { action: at % 3 === 0 ? 'uncordon' : 'cordon', reason: '' },
          'ada',
          fine,
        ),
      ),
    );
    const states = await Promise.all(nodes.map(async ({ name }) => (await shown(store, name)).scheduling.state));
    expect(new Set(states).size).toBe(1);
  });
});

describe('the removal of many', () => {
  it('revokes their certificates, keeps their history, and forgets what was decided about them', async () => {
    const { store, connection, nodes } = await withNodes('n1', 'n2', 'n3');
    await store.enrolment.makeToken('n1', sha256('t'), 60);
    await store.enrolment.redeem({ nodeName: 'n1', secretSha256: sha256('t'), spkiSha256: 'k', sign: async () => signed('s1') });
    await store.administration.act(nodes, { action: 'begin-maintenance', reason: 'x' }, 'ada', fine);
    await store.administration.act(nodes.slice(0, 2), { action: 'remove' }, 'ada', fine);
    expect((await store.nodes.list({ sort: [], filters: [], limit: 9, offset: 0 })).items.map(({ name }) => name)).toEqual(['n3']);
    expect(await store.certificates.status('s1')).toMatchObject({ revoked: true, reason: 'node-removed' });
    const removed = (await store.events.list({ limit: 50 })).filter(({ kind }) => kind === 'node-removed');
    expect(
      removed.map(({ nodeName, data }) => [nodeName, data['serials']]).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    ).toEqual([
      ['n1', ['s1']],
      ['n2', []],
    ]);
    expect(await query(connection, 'select from node_maintenance')).toHaveLength(1);
  });
});

describe('the history of a node that is gone', () => {
  it('is found by its id and by the name it last had, also after another has the name', async () => {
    const { store, nodes } = await withNodes('old', 'other');
    const [old] = nodes;
    await store.nodes.replace('old', { ...(await store.nodes.get('old')), name: 'renamed' });
    await store.nodes.remove('renamed');
    expect(await store.events.subjects('renamed')).toEqual([old!.id]);
    expect(await store.events.subjects(old!.id)).toEqual([old!.id]);
    expect(await store.events.subjects('old')).toEqual([]);
    expect(await store.events.subjects('nobody')).toEqual([]);
    expect(await store.events.subjects(randomUUID())).toEqual([]);
    expect(await store.events.subjects('\u0000')).toEqual([]);
    const heir = await store.nodes.add(nodeCreate('renamed'));
    const subjects = await store.events.subjects('renamed');
    expect(subjects.toSorted()).toEqual([old!.id, heir.id].toSorted());
    const history = await store.events.list({ limit: 50, nodeId: subjects });
    expect(history.map(({ kind }) => kind)).toEqual(['node-added', 'node-removed', 'node-changed', 'node-added']);
    expect(await store.events.subjects(heir.id)).toEqual([heir.id]);
  });
});
