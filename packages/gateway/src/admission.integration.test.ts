import { randomUUID } from 'node:crypto';
import { nodeUri } from '@muster/api';
import { StoreUnavailable } from '@muster/store';
import { describe, expect, it, vi } from 'vitest';
import { FakeAgent, type Refused, waiting } from '../test/fake-agent.ts';
import { type GatewayFixture, openGateway } from '../test/gateway-fixture.ts';
import { oddCertificate } from '../test/odd-certificate.ts';
import { makeTestAuthority, makeTestIdentity } from '../test/test-authorities.ts';

type Shown = { keyPem: string; chainPem: string } | undefined;

const dayMs = 86_400_000;
const namesOf = (nodeId: string, name: string) => `URI:${nodeUri(nodeId)},DNS:${name}`;

/** Certificates that must not let anyone in, by the reason that must be given. */
const refusedOnes: Record<string, (door: GatewayFixture) => Promise<Shown>> = {
  'no-certificate': async () => undefined,
  'self-signed': async (door) => {
    const { node } = await door.addNode('worker1');
    return oddCertificate({ commonName: 'worker1', names: namesOf(node.id, 'worker1') });
  },
  'wrong-authority': async (door) => {
    const { node } = await door.addNode('worker1');
    const other = await makeTestAuthority();
    return oddCertificate({ commonName: 'worker1', names: namesOf(node.id, 'worker1') }, other.parts);
  },
  'weak-key': async (door) => {
    const { node } = await door.addNode('worker1');
    return oddCertificate({ commonName: 'worker1', names: namesOf(node.id, 'worker1'), key: 'rsa2048' }, door.parts);
  },
  'name-mismatch': async (door) => {
    const { node } = await door.addNode('worker1');
    return oddCertificate({ commonName: 'worker1', names: namesOf(node.id, 'worker2') }, door.parts);
  },
  'not-a-node': async (door) => makeTestIdentity(door.authority),
  expired: async (door) => {
    const { node } = await door.addNode('worker1');
    return door.certify(node, { now: new Date(Date.now() - 3 * dayMs), lifetimeDays: 1 });
  },
  'unknown-serial': async (door) => {
    const { node } = await door.addNode('worker1');
    return door.certify(node, { record: false });
  },
  revoked: async (door) => {
    const { node } = await door.addNode('worker1');
    const credentials = await door.certify(node);
    await door.store.certificates.revoke(credentials.serial, 'key lost');
    return credentials;
  },
  'node-removed': async (door) => {
    const { node } = await door.addNode('worker1');
    const credentials = await door.certify(node);
    await door.store.nodes.remove(node.id);
    return credentials;
  },
};

describe('the agents’ door', () => {
  it.each(Object.keys(refusedOnes))('refuses %s: answered, logged, counted, announced', async (reason) => {
    const door = await openGateway();
    const refused = (await FakeAgent.connect(door, await refusedOnes[reason]?.(door))) as Refused;
    expect(refused.status).toBe(403);
    expect(door.gateway.refusals().get(reason)).toBe(1);
    const [line] = door.lines.filter((one) => one.level === 'warn');
    expect(line?.fields).toMatchObject({ reason, message: refused.message, address: '127.0.0.1' });
    await vi.waitFor(async () => {
      const [event] = await door.events('connection-refused');
      expect(event).toMatchObject({ severity: 'warning', data: { reason } });
      expect(event?.message).toContain(refused.message);
    }, waiting);
  });

  it('refuses the serial of one node in the name of another', async () => {
    const door = await openGateway();
    const { node } = await door.addNode('worker1');
    const credentials = await door.certify(node, { record: false });
    const other = await door.addNode('worker2');
    const dates = { notBefore: new Date(), notAfter: new Date(Date.now() + dayMs) };
    const record = { serial: credentials.serial, fingerprint: 'f', spkiSha256: 's', ...dates, chainPem: '', authority: 1 };
    await door.store.certificates.record({ ...record, nodeId: other.node.id, nodeName: 'worker2' });
    expect(await FakeAgent.connect(door, credentials)).toMatchObject({ status: 403 });
    expect(door.gateway.refusals().get('unknown-serial')).toBe(1);
  });

  it('knows no other address', async () => {
    const door = await openGateway();
    const { node } = await door.addNode('worker1');
    expect(await FakeAgent.connect(door, await door.certify(node), undefined, '/other')).toMatchObject({ status: 404 });
  });

  it('says "try again" when certificates cannot be checked', async () => {
    const door = await openGateway();
    const { node } = await door.addNode('worker1');
    const credentials = await door.certify(node);
    door.spy.fail = (call) => (call === 'certificates.status' ? new StoreUnavailable('away') : undefined);
    expect(await FakeAgent.connect(door, credentials)).toMatchObject({ status: 503 });
    delete door.spy.fail;
    expect(await FakeAgent.connect(door, credentials)).toBeInstanceOf(FakeAgent);
  });

  it('checks the serial on a resumed TLS session too', async () => {
    const door = await openGateway();
    const { node } = await door.addNode('worker1');
    const credentials = await door.certify(node);
    const first = (await FakeAgent.connect(door, credentials)) as FakeAgent;
    // TLS 1.3 gives its tickets after the handshake.
    const session = await vi.waitFor(() => {
      const ticket = first.tls.getSession();
      if (ticket === undefined || ticket.length < 500) throw new Error('no ticket yet');
      return ticket;
    }, waiting);
    const resumed = (await FakeAgent.connect(door, credentials, session)) as FakeAgent;
    expect(resumed.tls.isSessionReused()).toBe(true);
    resumed.hello();
    expect(await resumed.heard('welcome')).toMatchObject({ nodeId: node.id });
    // Whose session it is says the ticket, not who presents it: another certificate beside it changes nothing.
    await door.store.certificates.revoke(credentials.serial, 'test');
    const again = await FakeAgent.connect(door, credentials, session);
    expect(again).toMatchObject({ status: 403, message: expect.stringContaining('revoked') as string });
    expect(door.gateway.refusals().get('revoked')).toBe(1);
  });

  it('shows a renewed certificate of its own to the next connection, and keeps the open ones', async () => {
    const door = await openGateway();
    const { node } = await door.addNode('worker1');
    const credentials = await door.certify(node);
    const before = await FakeAgent.admitted(door, credentials);
    door.authorities.first.identity = await makeTestIdentity(door.authority);
    door.gateway.authoritiesChanged();
    const after = await FakeAgent.admitted(door, credentials);
    const serialOf = (agent: FakeAgent) => agent.tls.getPeerCertificate().serialNumber;
    expect(serialOf(after)).not.toBe(serialOf(before));
    await before.beat();
    await after.beat();
  });

  it('ends the connection of a revoked certificate within five seconds, wherever it is used', async () => {
    const door = await openGateway();
    const { node } = await door.addNode('worker1');
    const credentials = await door.certify(node);
    const greeted = await FakeAgent.admitted(door, credentials);
    const silent = (await FakeAgent.connect(door, credentials)) as FakeAgent;
    const begin = performance.now();
    await door.store.certificates.revoke(credentials.serial, 'key lost');
    expect([(await greeted.closed()).code, (await silent.closed()).code]).toEqual([4001, 4001]);
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  it('ends the connection of a removed node at once, and hears it no more', async () => {
    const door = await openGateway();
    const { node } = await door.addNode('worker1');
    const agent = await FakeAgent.admitted(door, await door.certify(node));
    await door.store.nodes.remove(node.id);
    agent.heartbeat();
    expect((await agent.closed()).code).toBe(4001);
    expect(door.gateway.presence.sinceHeardMs(node.id)).toBeNull();
  });

  it('closes a connection whose node was removed while it was being checked', async () => {
    const door = await openGateway();
    const { node } = await door.addNode('worker1');
    const credentials = await door.certify(node);
    const event = { id: 1, at: '', kind: 'node-removed', severity: 'info', nodeName: 'worker1', message: '', data: {} } as const;
    door.gateway.apply({ ...event, nodeId: node.id });
    door.gateway.apply({ ...event, nodeId: randomUUID() });
    const agent = (await FakeAgent.connect(door, credentials)) as FakeAgent;
    expect((await agent.closed()).code).toBe(4001);
  });

  it('lets an agent come back under the node’s new name', async () => {
    const door = await openGateway();
    const { node } = await door.addNode('worker1');
    const credentials = await door.certify(node);
    const agent = await FakeAgent.admitted(door, credentials);
    await door.store.nodes.replace(node.id, { ...node, notes: 'only a note' });
    await door.store.nodes.replace(node.id, { ...node, revision: node.revision + 1, name: 'renamed' });
    expect(await agent.closed()).toMatchObject({ code: 1001, reason: 'the node has a new name' });
    const again = await FakeAgent.admitted(door, credentials);
    expect(await again.heard('welcome')).toMatchObject({ nodeName: 'renamed' });
  });
});
