import { type Client, nodeSortKeys, type Problem, ProblemError } from '@muster/api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { waiting } from '../test/event-reader.ts';
import { ask, problemIn } from '../test/requests.ts';
import { enrolAgent, ServerAgent } from '../test/server-agent.ts';
import { openServerOnStore, type TestServer } from '../test/server-fixture.ts';

/* Faults that the administration of nodes in other systems, Hopsworks first of all, is known for. Each is a test here, named after the fault. */

let server: TestServer;
let client: Client;
beforeAll(async () => {
  server = await openServerOnStore({ MUSTER_AGENTS_HEARTBEAT_SECONDS: '1' });
  client = server.local;
  for (let i = 0; i < 5; i += 1)
    await client.addNode({ body: { name: `host${i}`, privateIp: `10.3.0.${i + 1}`, publicIp: `2001:db8::${i + 1}` } });
});
afterAll(() => server.close());

const raw = (path: string, wish = {}) => ask({ socketPath: server.server.socketPath }, `/api/v1${path}`, wish);
const failure = async (call: Promise<unknown>): Promise<Problem> => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProblemError)) throw new Error(`not a problem: ${String(error)}`);
  return error.problem;
};

describe('a list does not', () => {
  it('answer a wrong key or value with 404, nor without the good ones', async () => {
    for (const query of ['sort=SIZE', 'sort=name:up', 'sort=', 'filter=colour:red', 'filter=registration:maybe', 'filter=health']) {
      const answer = await raw(`/nodes?${query}`);
      expect(answer.status, query).toBe(400);
      expect(String(problemIn(answer)['detail']), query).toMatch(/good (?:keys|ones): /u);
    }
  });

  it('pass over a limit or an offset that makes no sense', async () => {
    for (const query of ['limit=0', 'limit=-1', 'limit=many', 'offset=-1', 'offset=1.5', 'limit=1001'])
      expect((await raw(`/nodes?${query}`)).status, query).toBe(400);
  });

  it('lose its items or its total beyond the last page', async () => {
    expect(await client.listNodes({ query: { offset: 100 } })).toEqual({ items: [], total: 5 });
    expect((await client.listNodes({ query: { limit: 2, offset: 4 } })).total).toBe(5);
  });

  it('pass over a filter that it does not know, and so show more nodes than were asked for', async () => {
    expect((await raw('/nodes?filter_by=hostname:host1')).status).toBe(400);
    expect((await raw('/nodes?Filter=name:host1')).status).toBe(400);
  });

  it('leave health, the last heartbeat or the end of a certificate out of what can be sorted and filtered', async () => {
    for (const key of nodeSortKeys) expect((await raw(`/nodes?sort=${key},-${key}`)).status, key).toBe(200);
    for (const filter of [
      'health:unknown',
      'lastHeartbeatAt:none',
      'heartbeatAgeSeconds:none',
      'certificateExpiresAt:none',
      'certificateDaysLeft:none',
    ])
      expect((await client.listNodes({ query: { filter: [filter] } })).total, filter).toBe(5);
  });

  it('look for whole names only', async () => {
    expect((await client.listNodes({ query: { filter: ['name:ST3'] } })).items.map(({ name }) => name)).toEqual(['host3']);
    expect((await client.listNodes({ query: { filter: ['publicIp:db8::4'] } })).items.map(({ name }) => name)).toEqual(['host3']);
  });

  it('hand out a password of the agent, or anything that opens a door', async () => {
    await client.makeJoinToken({ params: { node: 'host0' } });
    const { text } = await raw('/nodes');
    expect(text).not.toMatch(/password|secret|token|muster1\./iu);
  });
});

describe('a change of a node does not', () => {
  it('make a node that was only misspelt', async () => {
    const body = await client.getNode({ params: { node: 'host1' } });
    expect(await failure(client.replaceNode({ params: { node: 'host11' }, body }))).toMatchObject({ status: 404 });
    expect((await client.listNodes({})).total).toBe(5);
  });

  it('take the name from the body behind the path’s back: it is a new name, or it is refused', async () => {
    const body = await client.getNode({ params: { node: 'host1' } });
    const renamed = await client.replaceNode({ params: { node: 'host1' }, body: { ...body, name: 'host1b' } });
    expect([renamed.id, renamed.name]).toEqual([body.id, 'host1b']);
    expect(await failure(client.getNode({ params: { node: 'host1' } }))).toMatchObject({ status: 404 });
    const taken = client.replaceNode({ params: { node: 'host1b' }, body: { ...renamed, name: 'host2' } });
    expect(await failure(taken)).toMatchObject({ status: 409, code: 'node-exists' });
    await client.replaceNode({ params: { node: 'host1b' }, body: { ...renamed, name: 'host1' } });
  });

  it('keep a field that somebody clears', async () => {
    const body = await client.getNode({ params: { node: 'host2' } });
    const params = { node: 'host2' };
    const full = await client.replaceNode({ params, body: { ...body, labels: { a: 'b' }, groups: ['x'], notes: 'n' } });
    const cleared = await client.replaceNode({
      params,
      body: { ...full, privateIp: null, publicIp: null, labels: {}, groups: [], notes: '' },
    });
    expect(cleared).toMatchObject({ privateIp: null, publicIp: null, labels: {}, groups: [], notes: '' });
    await client.replaceNode({ params, body: { ...body, revision: undefined } });
  });

  it('pass over a member that is missing or that nobody knows', async () => {
    const { notes: _, ...incomplete } = await client.getNode({ params: { node: 'host2' } });
    for (const body of [incomplete, { ...incomplete, notes: '', hostIp: '10.0.0.1' }]) {
      const answer = await raw('/nodes/host2', {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(answer.status).toBe(400);
    }
  });

  it('let anyone say that a node is registered, healthy or heard', async () => {
    const body = await client.getNode({ params: { node: 'host2' } });
    const changed = await client.replaceNode({
      params: { node: 'host2' },
      body: {
        ...body,
        registration: 'registered',
        connected: true,
        health: { state: 'good', reasons: [], since: null },
        certificateSerial: 'ab',
      },
    });
    expect(changed).toMatchObject({ registration: 'pending', connected: false, health: { state: 'unknown' }, certificateSerial: null });
  });

  it('overwrite what somebody else changed meanwhile', async () => {
    const body = await client.getNode({ params: { node: 'host3' } });
    await client.replaceNode({ params: { node: 'host3' }, body: { ...body, notes: 'first' } });
    const late = client.replaceNode({ params: { node: 'host3' }, body: { ...body, notes: 'second' } });
    expect(await failure(late)).toMatchObject({ status: 409, code: 'revision-conflict' });
  });
});

describe('an address is not', () => {
  it.each([
    'random-text',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.1/24',
    '10.0.0.1:22',
    '2001:db8::g',
    '[::1]',
    'fe80::1%eth0',
    '0.0.0.0',
    '224.0.0.1',
    'ff02::1',
    ' 10.0.0.1',
    '',
  ])('any text: %j is refused', async (address) => {
    for (const member of ['privateIp', 'publicIp']) {
      const added = client.addNode({ body: { name: 'addressed', [member]: address } });
      expect(await failure(added)).toMatchObject({ status: 400, errors: [{ path: member }] });
    }
  });

  it('cut off after fifteen characters: the longest IPv6 address is kept, in its one spelling', async () => {
    const body = { name: 'six', privateIp: '2001:0DB8:85A3:1234:5678:8A2E:0370:7334', publicIp: 'fd00:0:0:0:0:0:0:1' };
    const added = await client.addNode({ body });
    expect([added.privateIp, added.publicIp]).toEqual(['2001:db8:85a3:1234:5678:8a2e:370:7334', 'fd00::1']);
    await client.removeNode({ params: { node: 'six' } });
  });

  it('one of two nodes, neither as private nor as public one', async () => {
    for (const body of [{ privateIp: '10.3.0.1' }, { publicIp: '10.3.0.1' }, { privateIp: '2001:db8:0::1' }, { publicIp: '2001:db8::1' }]) {
      const problem = await failure(client.addNode({ body: { name: 'thief', ...body } }));
      expect(problem).toMatchObject({ status: 409, code: 'address-taken', detail: expect.stringContaining('host0 has it') });
    }
  });
});

describe('a name is not', () => {
  it('cut off at 63 characters, nor mixed up with another that begins alike', async () => {
    const label = 'x'.repeat(60);
    const [one, other] = [`${label}.a.example.org`, `${label}.b.example.org`];
    for (const name of [one, other]) {
      const agent = await enrolAgent(server, name);
      agent.beat();
      await vi.waitFor(async () => expect((await client.getNode({ params: { node: name } })).certificateSerial).not.toBeNull(), waiting);
      expect(await client.getNode({ params: { node: name } })).toMatchObject({ name, registration: 'registered' });
      agent.close();
      await client.removeNode({ params: { node: name } });
    }
  });

  it.each(['Host', 'a_b', '-a', 'a-', 'a..b', '../x', 'a b', 'x'.repeat(64), 'all', 'export', '<b>x</b>'])(
    'any text: %j is refused',
    async (name) => {
      expect(await failure(client.addNode({ body: { name } }))).toMatchObject({ status: 400, errors: [{ path: 'name' }] });
    },
  );
});

describe('registration does not', () => {
  it('come before the certificate: a node is registered once one was signed for it, and not by its token', async () => {
    await client.addNode({ body: { name: 'flagged' } });
    const { token } = await client.makeJoinToken({ params: { node: 'flagged' } });
    expect((await client.getNode({ params: { node: 'flagged' } })).registration).toBe('pending');
    await expect(enrolAgent(server, 'flagged', { token, csrPem: 'no request' })).rejects.toThrow(/^400/u);
    expect((await client.getNode({ params: { node: 'flagged' } })).registration).toBe('pending');
    const agent = await enrolAgent(server, 'flagged', { token });
    expect(await client.getNode({ params: { node: 'flagged' } })).toMatchObject({ registration: 'registered' });
    agent.close();
  });

  it('let a machine take another one’s name with its own token', async () => {
    await client.addNode({ body: { name: 'mine' } });
    await client.addNode({ body: { name: 'yours' } });
    const { token } = await client.makeJoinToken({ params: { node: 'mine' } });
    await expect(enrolAgent(server, 'yours', { token })).rejects.toThrow(/^403/u);
    expect((await client.getNode({ params: { node: 'yours' } })).registration).toBe('pending');
  });
});

describe('a removal does not', () => {
  it('leave the certificate valid or the connection open', async () => {
    const agent = await enrolAgent(server, 'removed');
    agent.beat();
    await vi.waitFor(async () => expect((await client.getNode({ params: { node: 'removed' } })).certificateSerial).not.toBeNull(), waiting);
    await client.removeNode({ params: { node: 'removed' } });
    await vi.waitFor(() => expect(agent.closedWith).toBe(4001), waiting);
    await expect(ServerAgent.connect(server, agent.credentials)).rejects.toThrow(/refused with 403/u);
  });

  it('answer as done what was not there', async () => {
    expect(await failure(client.removeNode({ params: { node: 'never' } }))).toMatchObject({ status: 404 });
  });

  it('take the history with it', async () => {
    const { items } = await client.listEvents({ query: { node: 'removed' } });
    expect(items.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['node-added', 'node-registered', 'node-removed']));
  });
});

describe('facts are not', () => {
  it('cut down to a byte or forgotten: 64 GPUs and a terabyte of memory are what they are', async () => {
    const agent = await enrolAgent(server, 'large');
    await vi.waitFor(async () => expect((await client.getNode({ params: { node: 'large' } })).facts).not.toBeNull(), waiting);
    const { facts } = await client.getNode({ params: { node: 'large' } });
    const gpus = Array.from({ length: 64 }, (_, i) => ({ model: 'X', memoryBytes: 80 * 2 ** 30, uuid: `GPU-${i}` }));
    agent.say({
      type: 'report',
      facts: { ...facts!, cores: 384, memoryBytes: 6 * 2 ** 40, gpus },
      services: { available: true, services: [] },
    });
    await vi.waitFor(async () => {
      const { items } = await client.listNodes({ query: { filter: ['gpus:64', 'memoryBytes:>=6T', 'cores:>=384'] } });
      expect(items.map(({ name, facts: seen }) => [name, seen?.gpus.length])).toEqual([['large', 64]]);
    }, waiting);
    agent.close();
  });
});
