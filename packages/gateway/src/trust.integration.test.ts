import { authorityHint, type Node } from '@muster/api';
import { StoreUnavailable } from '@muster/store';
import { makeKeyAndCsr } from '@muster/trust';
import { describe, expect, it, vi } from 'vitest';
import { enrolAt, FakeAgent, waiting } from '../test/fake-agent.ts';
import { type GatewayFixture, type GatewayWish, openGateway } from '../test/gateway-fixture.ts';

const dayMs = 86_400_000;

async function openWithNode(wish: GatewayWish = {}) {
  const door = await openGateway(wish);
  const { node } = await door.addNode('worker1');
  return { door, node, credentials: await door.certify(node) };
}

/** Gets a certificate for a new key over a connection, as an agent does. */
async function renewOver(agent: FakeAgent, node: Node) {
  const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: node.name });
  agent.say({ type: 'renew', id: 'r', csrPem });
  return { keyPem, chainPem: (await agent.heard('certificate')).chainPem };
}

const inUse = async (door: GatewayFixture, node: Node) => (await door.store.nodes.get(node.id)).certificateSerial ?? '';
const rootsOf = (door: GatewayFixture, ...generations: number[]) => generations.map((one) => door.authorities.numbered(one).fingerprint);

describe('a rotation', () => {
  it('ends the old certificate only when the services of the host were told and the overlap is over', async () => {
    const { door, node, credentials } = await openWithNode({ overlap: { seconds: 1, longestSeconds: 900 } });
    const old = await FakeAgent.admitted(door, credentials);
    await old.beat();
    const next = await FakeAgent.admitted(door, await renewOver(old, node));
    await next.beat();
    await vi.waitFor(async () => expect(await inUse(door, node)).not.toBe(credentials.serial), waiting);
    // Proven; but nobody has said that services know the new one.
    expect(await door.store.certificates.retireDue()).toEqual([]);
    next.say({ type: 'certificate-taken', serial: await inUse(door, node), hooks: [{ name: '10-web', ok: true, message: '' }] });
    await vi.waitFor(async () => expect(await door.events('certificate-taken')).toHaveLength(1), waiting);
    expect(await FakeAgent.connect(door, credentials)).toBeInstanceOf(FakeAgent);
    expect(next.received.some((one) => one.type === 'certificate-settled')).toBe(false);
    await vi.waitFor(async () => expect(await door.store.certificates.retireDue()).toHaveLength(1), waiting);
    expect(await next.heard('certificate-settled')).toEqual({ type: 'certificate-settled', serial: await inUse(door, node) });
    expect(await FakeAgent.connect(door, credentials)).toMatchObject({ status: 403 });
    await next.beat();
  });

  it('is settled at once for a node that has no older certificate, and each time it asks', async () => {
    const { door, node, credentials } = await openWithNode();
    for (let round = 0; round < 2; round += 1) {
      const agent = await FakeAgent.admitted(door, credentials);
      await agent.beat();
      agent.say({ type: 'certificate-taken', serial: credentials.serial, hooks: [] });
      expect((await agent.heard('certificate-settled')).serial).toBe(await inUse(door, node));
    }
    expect(await door.events('certificate-taken')).toHaveLength(1);
  });

  it('is settled also where the event of the old one’s end never came', async () => {
    const { door, node, credentials } = await openWithNode({ deaf: true });
    const old = await FakeAgent.admitted(door, credentials);
    await old.beat();
    const next = await FakeAgent.admitted(door, await renewOver(old, node));
    await next.beat();
    await vi.waitFor(async () => expect(await inUse(door, node)).not.toBe(credentials.serial), waiting);
    next.say({ type: 'certificate-taken', serial: await inUse(door, node), hooks: [] });
    await vi.waitFor(async () => expect(await door.store.certificates.retireDue()).toHaveLength(1), waiting);
    await next.heard('certificate-settled');
  });

  it('said of a certificate of another node or connection changes nothing', async () => {
    const { door, node, credentials } = await openWithNode();
    const other = await door.certify((await door.addNode('worker2')).node);
    const renewed = await door.certify(node);
    const agent = await FakeAgent.admitted(door, credentials);
    for (const serial of [other.serial, renewed.serial, 'ff']) agent.say({ type: 'certificate-taken', serial, hooks: [] });
    await agent.beat();
    agent.report('at-last');
    await vi.waitFor(async () => expect((await door.store.nodes.get(node.id)).facts?.hostname).toBe('at-last'), waiting);
    expect(await door.events('certificate-taken')).toEqual([]);
    expect(agent.received.some((one) => one.type === 'certificate-settled')).toBe(false);
  });

  it('waits while the database is away, at each of its steps, and goes on', async () => {
    const { door, node, credentials } = await openWithNode();
    const old = await FakeAgent.admitted(door, credentials);
    await old.beat();
    await vi.waitFor(async () => expect(await inUse(door, node)).toBe(credentials.serial), waiting);
    const outage = async (call: string) => {
      const before = door.spy.calls.filter((one) => one === call).length;
      door.spy.fail = (one) => (one === call ? new StoreUnavailable('away') : undefined);
      await vi.waitFor(() => expect(door.spy.calls.filter((one) => one === call).length).toBeGreaterThan(before), waiting);
      delete door.spy.fail;
    };
    const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: node.name });
    old.say({ type: 'renew', id: 'r', csrPem });
    await outage('certificates.record');
    const { chainPem } = await old.heard('certificate');
    const next = await FakeAgent.admitted(door, { keyPem, chainPem });
    next.heartbeat();
    await outage('certificates.prove');
    await vi.waitFor(async () => expect(await inUse(door, node)).not.toBe(credentials.serial), waiting);
    next.say({ type: 'certificate-taken', serial: await inUse(door, node), hooks: [] });
    await outage('certificates.take');
    await vi.waitFor(async () => expect(await door.store.certificates.retireDue()).toHaveLength(1), waiting);
    await next.heard('certificate-settled');
    expect(door.lines.filter((line) => line.level === 'error')).toEqual([]);
  });

  it('is refused on a connection that has outlasted its certificate, and the connection ends', async () => {
    let aheadMs = 0;
    const clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() + aheadMs };
    const { door, node } = await openWithNode({ clock });
    const agent = await FakeAgent.admitted(door, await door.certify(node, { lifetimeDays: 1 }));
    aheadMs = dayMs + 60_000;
    agent.say({ type: 'renew', id: 'r1', csrPem: (await makeKeyAndCsr({ nodeName: node.name })).csrPem });
    const end = await Promise.race([agent.heard('renewal-refused').then((one) => one.reason), agent.closed().then((one) => one.reason)]);
    expect(end).toMatch(/has ended|has expired/u);
    expect(await agent.closed()).toMatchObject({ code: 4001, reason: 'the certificate has expired' });
    expect(await door.store.certificates.byNode(node.id)).toHaveLength(2);
  });
});

describe('a revoked certificate', () => {
  it('ends its connections within five seconds also on a server that missed the event', async () => {
    const { door, credentials } = await openWithNode({ deaf: true });
    const greeted = await FakeAgent.admitted(door, credentials);
    const silent = (await FakeAgent.connect(door, credentials)) as FakeAgent;
    const begin = performance.now();
    await door.store.certificates.revoke(credentials.serial, 'key lost');
    expect([(await greeted.closed()).code, (await silent.closed()).code]).toEqual([4001, 4001]);
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  it('ends the connections of a node that was removed while nobody listened, too', async () => {
    const { door, node, credentials } = await openWithNode({ deaf: true });
    const agent = await FakeAgent.admitted(door, credentials);
    await door.store.nodes.remove(node.id);
    expect(await agent.closed()).toMatchObject({ code: 4001, reason: 'the certificate has ended (node-removed)' });
  });

  it('does not take the others with it while the database cannot be asked', async () => {
    const { door, credentials } = await openWithNode();
    const agent = await FakeAgent.admitted(door, credentials);
    const asked = () => door.spy.calls.filter((one) => one === 'certificates.endedAmong').length;
    door.spy.fail = () => new StoreUnavailable('away');
    const before = asked();
    await vi.waitFor(() => expect(asked()).toBeGreaterThan(before + 1), waiting);
    await agent.beat();
    expect(agent.closedWith).toBeUndefined();
    expect(door.lines.filter((line) => line.level === 'error')).toEqual([]);
  });
});

describe('while one authority replaces another', () => {
  it('agents are told to trust both, and what they trust is kept', async () => {
    const { door, node, credentials } = await openWithNode();
    const agent = await FakeAgent.admitted(door, credentials, { roots: rootsOf(door, 1) });
    await agent.beat();
    expect(agent.received.some((one) => one.type === 'trust')).toBe(false);
    await vi.waitFor(async () => expect(await door.store.authority.standings()).toMatchObject([{ roots: rootsOf(door, 1) }]), waiting);
    await door.authorities.go('prepare');
    door.gateway.authoritiesChanged();
    const { rootsPem } = await agent.heard('trust');
    expect(rootsPem).toBe(door.authorities.first.authority.rootPem + door.authorities.second.authority.rootPem);
    agent.say({ type: 'trusts', roots: rootsOf(door, 2, 1) });
    await vi.waitFor(async () => {
      const [standing] = await door.store.authority.standings();
      expect(standing).toMatchObject({ nodeId: node.id, certificateOf: 1, roots: rootsOf(door, 1, 2).toSorted() });
    }, waiting);
    await agent.beat();
    expect(agent.received.filter((one) => one.type === 'trust')).toHaveLength(1);
    expect(agent.received.some((one) => one.type === 'rotate')).toBe(false);
  });

  it('agents that trust both are asked to rotate, and get a certificate of the new one', async () => {
    const { door, node, credentials } = await openWithNode();
    await door.authorities.go('agents');
    door.gateway.authoritiesChanged();
    const agent = await FakeAgent.admitted(door, credentials, { roots: rootsOf(door, 1, 2) });
    await agent.heard('rotate');
    const next = await FakeAgent.admitted(door, await renewOver(agent, node), { roots: rootsOf(door, 1, 2) });
    await next.beat();
    await vi.waitFor(async () => expect(await door.store.authority.standings()).toMatchObject([{ certificateOf: 2 }]), waiting);
    expect(next.received.some((one) => one.type === 'rotate')).toBe(false);
    expect(agent.received.filter((one) => one.type === 'rotate')).toHaveLength(1);
  });

  it('an agent that does not trust the new one yet is first told to, then to rotate', async () => {
    const { door, credentials } = await openWithNode();
    await door.authorities.go('agents');
    door.gateway.authoritiesChanged();
    const agent = await FakeAgent.admitted(door, credentials, { roots: rootsOf(door, 1) });
    await agent.heard('trust');
    expect(agent.received.some((one) => one.type === 'rotate')).toBe(false);
    agent.say({ type: 'trusts', roots: rootsOf(door, 1, 2) });
    await agent.heard('rotate');
  });

  it('in the way back, whoever has a certificate of the new one gets one of the old', async () => {
    const { door, node } = await openWithNode();
    await door.authorities.go('rollback');
    door.gateway.authoritiesChanged();
    const credentials = await door.certify(node, { generation: 2 });
    const agent = await FakeAgent.admitted(door, credentials, { roots: rootsOf(door, 1, 2) });
    await agent.heard('rotate');
    await FakeAgent.admitted(door, await renewOver(agent, node), { roots: rootsOf(door, 1, 2) });
    expect((await door.store.certificates.list({ limit: 10, offset: 0 })).items[0]).toMatchObject({ authority: 1 });
  });

  it.each(['prepare', 'agents', 'servers', 'rollback'] as const)(
    'in the phase %s agents of both come in, whichever they know',
    async (phase) => {
      const { door, node, credentials } = await openWithNode();
      await door.authorities.go(phase);
      door.gateway.authoritiesChanged();
      const [first, second] = [door.authorities.first.authority, door.authorities.second.authority];
      const renewed = await door.certify(node, { generation: 2 });
      for (const shown of [credentials, renewed])
        for (const known of [first, second]) {
          const tls = { ca: known.rootPem, servername: authorityHint(known.fingerprint) };
          const agent = await FakeAgent.admitted(door, shown, tls);
          await agent.beat();
        }
    },
  );

  it('whoever hints at nothing is shown the authority of the phase', async () => {
    const { door, credentials } = await openWithNode();
    const [first, second] = [door.authorities.first.authority, door.authorities.second.authority];
    await door.authorities.go('agents');
    door.gateway.authoritiesChanged();
    await FakeAgent.admitted(door, credentials, { ca: first.rootPem });
    await expect(FakeAgent.connect(door, credentials, undefined, undefined, { ca: second.rootPem })).rejects.toThrow(/self-signed/u);
    await door.authorities.go('servers');
    door.gateway.authoritiesChanged();
    await FakeAgent.admitted(door, credentials, { ca: second.rootPem });
    await expect(FakeAgent.connect(door, credentials, undefined, undefined, { ca: first.rootPem })).rejects.toThrow(/self-signed/u);
    await FakeAgent.admitted(door, credentials, { ca: first.rootPem, servername: authorityHint(first.fingerprint) });
  });

  it.each(['prepare', 'agents', 'servers', 'rollback'] as const)(
    'in the phase %s a token of either leads to a certificate that fits it',
    async (phase) => {
      const { door } = await openWithNode();
      await door.authorities.go(phase);
      door.gateway.authoritiesChanged();
      for (const generation of [1, 2]) {
        const name = `new${generation}`;
        const { secret } = await door.addNode(name);
        const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: name });
        const authority = door.authorities.numbered(generation);
        const { status, body } = await enrolAt(door, { name, secret, csrPem }, authorityHint(authority.fingerprint));
        expect([status, body['rootPem']]).toEqual([200, authority.rootPem]);
        const tls = { ca: authority.rootPem, servername: authorityHint(authority.fingerprint), roots: [authority.fingerprint] };
        const agent = await FakeAgent.admitted(door, { keyPem, chainPem: String(body['chainPem']) }, tls);
        await agent.heard('trust');
      }
    },
  );

  it('after its end the dropped one opens nothing any more', async () => {
    const { door, node, credentials } = await openWithNode();
    await door.authorities.go('servers');
    const renewed = await door.certify(node, { generation: 2 });
    await door.authorities.go(null, 2);
    door.gateway.authoritiesChanged();
    const { rootPem, fingerprint } = door.authorities.second.authority;
    expect(await FakeAgent.connect(door, credentials, undefined, undefined, { ca: rootPem })).toMatchObject({ status: 403 });
    const agent = await FakeAgent.admitted(door, renewed, { ca: rootPem, roots: rootsOf(door, 1, 2) });
    expect((await agent.heard('trust')).rootsPem).toBe(rootPem);
    agent.say({ type: 'trusts', roots: [fingerprint] });
    await agent.beat();
    const first = door.authorities.first.authority;
    const hint = { ca: first.rootPem, servername: authorityHint(first.fingerprint) };
    await expect(FakeAgent.connect(door, renewed, undefined, undefined, hint)).rejects.toThrow(/self-signed/u);
  });

  it('a server that has not heard of it asks before it turns an agent of the new one down', async () => {
    const { door, node } = await openWithNode();
    const renewed = await door.certify(node, { generation: 2 });
    door.authorities.next = { phase: 'agents', from: 1, to: 2 };
    expect(await FakeAgent.connect(door, renewed)).toBeInstanceOf(FakeAgent);
    expect(door.authorities.refreshed).toBe(1);
  });

  it('an agent that says nothing of its roots is left as it is', async () => {
    const { door, credentials } = await openWithNode();
    await door.authorities.go('agents');
    door.gateway.authoritiesChanged();
    const agent = await FakeAgent.admitted(door, credentials);
    await agent.beat();
    await vi.waitFor(() => expect(door.spy.calls.filter((one) => one === 'certificates.endedAmong').length).toBeGreaterThan(0), waiting);
    expect(agent.received.some((one) => one.type === 'trust' || one.type === 'rotate')).toBe(false);
  });

  it('a fleet is not asked to rotate all at once', async () => {
    const door = await openGateway();
    const agents: FakeAgent[] = [];
    for (let index = 0; index < 25; index += 1)
      agents.push(
        await FakeAgent.admitted(door, await door.certify((await door.addNode(`n${index}`)).node), { roots: rootsOf(door, 1, 2) }),
      );
    await Promise.all(agents.map((agent) => agent.beat()));
    await door.authorities.go('agents');
    const asked = () => agents.filter((agent) => agent.received.some((one) => one.type === 'rotate')).length;
    await vi.waitFor(() => expect(asked()).toBeGreaterThan(0), waiting);
    expect(asked()).toBeLessThanOrEqual(10);
    await vi.waitFor(() => expect(asked()).toBe(25), waiting);
  });
});
