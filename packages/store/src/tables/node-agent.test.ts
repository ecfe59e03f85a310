import { randomUUID } from 'node:crypto';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newEvent, nodeCreate, query, signed, sha256 } from '../../test/builders.ts';
import type { AgentChange, Store } from '../index.ts';

const restarting = (attempts: number, nextTryInMs: number | null = 60_000) => ({
  state: 'restarting' as const,
  attempts,
  message: `restart ${attempts}`,
  nextTryInMs,
});

const attempt = (nodeId: string, from: number): AgentChange => ({
  nodeId,
  from: { state: from === 0 ? 'normal' : 'restarting', attempts: from },
  to: restarting(from + 1),
});

const about = (nodeId: string, message: string) => newEvent(message, { kind: 'agent-restarted', nodeId, nodeName: 'x' });
const told = async (store: Store) =>
  (await store.events.list({ limit: 50 })).filter(({ kind }) => kind === 'agent-restarted').map(({ message }) => message);

async function register(store: Store, nodeName: string): Promise<void> {
  const { id } = await store.nodes.get(nodeName);
  await store.enrolment.makeToken(id, sha256(nodeName), 600);
  const outcome = await store.enrolment.redeem({
    nodeName,
    secretSha256: sha256(nodeName),
    spkiSha256: sha256('key'),
    sign: async () => signed(),
  });
  if (!outcome.ok) throw new Error(outcome.message);
}

describe('subjects', () => {
  it('shows everything that decides about a restart', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web1'));
    await store.nodes.add(nodeCreate('web2'));
    await register(store, 'web1');
    await store.presence.recordHeartbeats([{ nodeId: id, clockSkewMs: 0 }], 'server');
    await store.agentControl.set(id, { address: null, port: 22, full: false, hostKeys: ['ssh-ed25519 AAAA'] });
    await store.agents.change([attempt(id, 0)]);
    const [first, second] = await store.agents.subjects();
    expect(first).toMatchObject({
      nodeId: id,
      nodeName: 'web1',
      registered: true,
      inMaintenance: false,
      state: 'restarting',
      attempts: 1,
      controllable: true,
    });
    expect(first?.heartbeatAgeMs).toBeGreaterThanOrEqual(0);
    expect(first?.heartbeatAgeMs).toBeLessThan(10_000);
    expect(first?.registeredAgeMs).toBeGreaterThanOrEqual(0);
    expect(first?.heartbeatStamp).toMatch(/^\d{4}-/u);
    expect(first?.stateAgeMs).toBeGreaterThanOrEqual(0);
    expect(first?.nextTryInMs).toBeGreaterThan(50_000);
    expect(first?.nextTryInMs).toBeLessThanOrEqual(60_000);
    expect(second).toEqual({
      nodeId: expect.any(String),
      nodeName: 'web2',
      registered: false,
      registeredAgeMs: null,
      heartbeatStamp: null,
      heartbeatAgeMs: null,
      inMaintenance: false,
      state: 'normal',
      attempts: 0,
      stateStamp: null,
      stateAgeMs: null,
      nextTryInMs: null,
      controllable: false,
    });
  });

  it('shows who is in maintenance, until its end by the database’s clock', async () => {
    const { store, connection } = await withStore();
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map(async (name) => (await store.nodes.add(nodeCreate(name))).id));
    const begin = (id: string | undefined, until: string) =>
      query(connection, `insert into node_maintenance (node_id, reason, by, until) values ($1, 'disk', 'alice', ${until})`, [id]);
    await begin(ids[0], 'null');
    await begin(ids[1], "now() + interval '1 hour'");
    await begin(ids[2], "now() - interval '1 second'");
    expect((await store.agents.subjects()).map(({ nodeName, inMaintenance }) => [nodeName, inMaintenance])).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
      ['d', false],
    ]);
  });

  it('tells a new heartbeat from the one before by its stamp', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web1'));
    const stamp = async () => (await store.agents.subjects())[0]?.heartbeatStamp;
    await store.presence.recordHeartbeats([{ nodeId: id, clockSkewMs: 0 }], 'server');
    const before = await stamp();
    expect(await stamp()).toBe(before);
    await store.presence.recordHeartbeats([{ nodeId: id, clockSkewMs: 0 }], 'server');
    expect(await stamp()).not.toBe(before);
  });

  it('shows a next try that is past as such', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web1'));
    await store.agents.change([{ ...attempt(id, 0), to: restarting(1, 0) }]);
    expect((await store.agents.subjects())[0]?.nextTryInMs).toBeLessThanOrEqual(0);
  });
});

describe('change', () => {
  it('is made once, however many servers decide it at the same time', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web1'));
    const made = await Promise.all(Array.from({ length: 8 }, () => store.agents.change([attempt(id, 0)], [about(id, 'once')])));
    expect(made.filter((changed) => changed.length === 1)).toHaveLength(1);
    expect(await told(store)).toEqual(['once']);
    expect((await store.nodes.get(id)).agent).toMatchObject({ state: 'restarting', attempts: 1, message: 'restart 1' });
  });

  it('is made only where the agent is still as it was seen, with the events of just those nodes', async () => {
    const { store } = await withStore();
    const [a, b] = [await store.nodes.add(nodeCreate('a')), await store.nodes.add(nodeCreate('b'))];
    await store.agents.mark(b.id, 'stopped', 'by alice');
    const changed = await store.agents.change([attempt(a.id, 0), attempt(b.id, 0)], [about(a.id, 'a'), about(b.id, 'b')]);
    expect(changed).toEqual([a.id]);
    expect(await told(store)).toEqual(['a']);
    expect((await store.nodes.get('b')).agent).toMatchObject({ state: 'stopped', message: 'by alice' });
  });

  it('begins a state anew only when it is another one', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web1'));
    const since = async () => (await store.nodes.get(id)).agent.since;
    expect(await since()).toBeNull();
    await store.agents.change([attempt(id, 0)]);
    const first = await since();
    await store.agents.change([attempt(id, 1)]);
    expect(await since()).toBe(first);
    await store.agents.change([
      { nodeId: id, from: { state: 'restarting', attempts: 2 }, to: { state: 'normal', attempts: 0, message: '', nextTryInMs: null } },
    ]);
    expect(Date.parse(String(await since()))).toBeGreaterThan(Date.parse(String(first)));
    expect((await store.nodes.get(id)).agent).toMatchObject({ state: 'normal', attempts: 0, message: '' });
  });

  it('leaves the time of the next try as it is where it names none', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web1'));
    await store.agents.change([attempt(id, 0)]);
    const said = { state: 'restarting' as const, attempts: 1, message: 'could not be reached' };
    expect(await store.agents.change([{ nodeId: id, from: { state: 'restarting', attempts: 1 }, to: said }])).toEqual([id]);
    expect((await store.nodes.get(id)).agent).toMatchObject(said);
    expect((await store.agents.subjects())[0]?.nextTryInMs).toBeGreaterThan(50_000);
  });

  it('passes over nodes that were removed, and does nothing for nothing', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web1'));
    expect(await store.agents.change([attempt(randomUUID(), 0), attempt(id, 0)])).toEqual([id]);
    expect(await store.agents.change([])).toEqual([]);
    await store.nodes.remove(id);
    expect(await store.agents.change([attempt(id, 1)])).toEqual([]);
  });

  it('survives that nodes are removed while it is made', async () => {
    const { store } = await withStore();
    const nodes = await Promise.all(Array.from({ length: 12 }, (_, index) => store.nodes.add(nodeCreate(`web${index}`))));
    await Promise.all([
      ...nodes.map(({ id }) => store.agents.change(nodes.map((node) => attempt(node.id, 0)).filter(({ nodeId }) => nodeId >= id))),
      ...nodes.map(({ id }) => store.nodes.remove(id)),
    ]);
    expect(await store.agents.subjects()).toEqual([]);
  });
});

describe('mark', () => {
  it('holds whatever was before, begins the count anew, and says what it replaced', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web1'));
    await store.agents.change([attempt(id, 0)]);
    expect(await store.agents.mark(id, 'stopped', 'by alice', [about(id, 'stopped')])).toBe('restarting');
    expect((await store.nodes.get(id)).agent).toMatchObject({ state: 'stopped', attempts: 0, message: 'by alice' });
    expect((await store.agents.subjects())[0]?.nextTryInMs).toBeNull();
    expect(await store.agents.mark(id, 'normal', '')).toBe('stopped');
    expect(await told(store)).toEqual(['stopped']);
    expect(await store.agents.mark(randomUUID(), 'stopped', '')).toBe('normal');
  });

  it('is counted by state', async () => {
    const { store } = await withStore();
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map(async (name) => (await store.nodes.add(nodeCreate(name))).id));
    expect(await store.agents.countByState()).toEqual({ stopped: 0, restarting: 0, 'needs-attention': 0 });
    await Promise.all([
      store.agents.mark(ids[0] ?? '', 'stopped', ''),
      store.agents.mark(ids[1] ?? '', 'stopped', ''),
      store.agents.mark(ids[2] ?? '', 'needs-attention', ''),
      store.agents.mark(ids[3] ?? '', 'normal', ''),
    ]);
    expect(await store.agents.countByState()).toEqual({ stopped: 2, restarting: 0, 'needs-attention': 1 });
  });
});

describe('the database', () => {
  it('takes no state that there is not', async () => {
    const { store, connection } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web1'));
    await store.agents.mark(id, 'stopped', '');
    await expect(query(connection, "update node_agent set state = 'odd'")).rejects.toThrow('node_agent_state_check');
    await expect(query(connection, 'update node_agent set attempts = -1')).rejects.toThrow('node_agent_attempts_check');
  });
});
