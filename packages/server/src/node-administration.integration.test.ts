import { type Client, type Event, type Node, type Problem, ProblemError } from '@muster/api';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { waiting } from '../test/event-reader.ts';
import { ask, problemIn } from '../test/requests.ts';
import { enrolAgent, ServerAgent } from '../test/server-agent.ts';
import { openServerOnStore, type TestServer } from '../test/server-fixture.ts';
import { signInAs } from '../test/sign-in-as.ts';

let server: TestServer;
let client: Client;
beforeAll(async () => {
  server = await openServerOnStore({ MUSTER_AGENTS_HEARTBEAT_SECONDS: '1' });
  client = server.local;
  for (let i = 1; i <= 6; i += 1) {
    const rack = i <= 3 ? 'rack1' : 'rack2';
    await client.addNode({ body: { name: `n${i}`, privateIp: `10.7.0.${i}`, groups: [rack], labels: { slot: String(i) } } });
  }
});
afterAll(() => server.close());

const failure = async (call: Promise<unknown>): Promise<Problem> => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProblemError)) throw new Error(`not a problem: ${String(error)}`);
  return error.problem;
};
const node = (name: string) => client.getNode({ params: { node: name } });
const names = async (query: object) => (await client.listNodes({ query })).items.map(({ name }) => name);
const eventsOf = async (name: string): Promise<Event[]> => (await client.listEvents({ query: { node: name, limit: 1000 } })).items;

describe('a list by range', () => {
  it('has the nodes that the range names, filtered, sorted and paged as any list', async () => {
    expect(await names({ range: 'rack1' })).toEqual(['n1', 'n2', 'n3']);
    expect(await names({ range: 'n[1-6],-rack1', sort: '-name' })).toEqual(['n6', 'n5', 'n4']);
    expect(await names({ range: 'all@label.slot>=3', filter: ['group:rack1'] })).toEqual(['n3']);
    const page = await client.listNodes({ query: { range: 'n1-n6', sort: '-label.slot', limit: 2, offset: 1 } });
    expect([page.items.map(({ name }) => name), page.total]).toEqual([['n5', 'n4'], 6]);
  });

  it('is never smaller than what was asked for: what does not exist is an error with its place', async () => {
    const unknown = await failure(client.listNodes({ query: { range: 'rack1,n7' } }));
    expect(unknown).toMatchObject({ status: 400, code: 'invalid-request', errors: [{ path: 'range', offset: 6, length: 2 }] });
    expect(unknown.detail).toContain('  rack1,n7\n        ^^\n');
    expect(await failure(client.listNodes({ query: { range: 'n3-n1' } }))).toMatchObject({ status: 400, errors: [{ offset: 0 }] });
    expect((await failure(client.listNodes({ query: { range: 'helth=bad' } }))).detail).toContain('Did you mean health?');
    expect((await failure(client.listNodes({ query: { range: '^/etc/passwd' } }))).detail).toContain('is not read here');
    expect((await failure(client.listNodes({ query: { range: '' } }))).detail).toContain('the range is empty');
  });

  it('may be empty only where that is said', async () => {
    expect((await failure(client.listNodes({ query: { range: 'health=bad' } }))).detail).toContain('matches no node');
    expect(await client.listNodes({ query: { range: 'health=bad', allowEmpty: 'true' } })).toEqual({ items: [], total: 0 });
    expect((await failure(client.listNodes({ query: { range: 'n9', allowEmpty: 'true' } }))).status).toBe(400);
  });

  it('takes as long a range as is promised, and tells where a longer one goes', async () => {
    const long = Array.from({ length: 2600 }, (_, i) => `n${(i % 6) + 1}`)
      .join(',')
      .padEnd(15_999, ' ');
    expect(long.length).toBeLessThanOrEqual(16_000);
    expect((await client.listNodes({ query: { range: long } })).total).toBe(6);
    expect(await failure(client.listNodes({ query: { range: `${long}  ` } }))).toMatchObject({ status: 400, errors: [{ path: 'range' }] });
    const { names: expanded, range } = await client.expandRange({ body: { range: `${long}${' '.repeat(500_000)}` } });
    expect([expanded.length, range]).toEqual([6, 'n[1-6]']);
  });
});

describe('ranges by themselves', () => {
  it('expand and fold, and name what does not exist', async () => {
    expect(await client.expandRange({ body: { range: 'rack2,n1' } })).toEqual({ names: ['n1', 'n4', 'n5', 'n6'], range: 'n[1,4-6]' });
    expect(await client.expandRange({ body: { range: 'rack1,-rack1', allowEmpty: true } })).toEqual({ names: [], range: '' });
    expect(await client.foldRange({ body: { names: ['n3', 'n1', 'n2', 'n1'] } })).toEqual({ range: 'n[1-3]' });
    expect(await client.foldRange({ body: { names: [] } })).toEqual({ range: '' });
    expect(await failure(client.foldRange({ body: { names: ['n1', 'nope'] } }))).toMatchObject({
      status: 400,
      detail: expect.stringContaining('There is no node nope'),
      errors: [{ path: 'names' }],
    });
  });

  it('are questions: nothing of them is in the audit log', async () => {
    await client.expandRange({ body: { range: 'rack1' } });
    const { items } = await client.listAudit({});
    expect(items.filter(({ what }) => what === 'expandRange' || what === 'foldRange')).toEqual([]);
  });

  it('are completed from the names there are', async () => {
    expect(await client.listNames({ query: { prefix: 'r' } })).toMatchObject({ nodes: [], groups: ['rack1', 'rack2'], labels: [] });
    expect((await client.listNames({ query: { limit: 2 } })).nodes).toEqual(['n1', 'n2']);
  });
});

describe('an export', () => {
  const place = () => ({ socketPath: server.server.socketPath });

  it('is CSV with a line for each node that the filters leave, as a file', async () => {
    const { status, headers, text } = await ask(place(), '/api/v1/nodes/export?range=rack1&sort=-name&filter=label.slot:2&filter=name:n');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    expect(headers['content-disposition']).toMatch(/^attachment; filename="nodes-\d{4}-\d\d-\d\d\.csv"$/u);
    const [header, ...lines] = text.split('\r\n');
    expect(header?.split(',').slice(0, 3)).toEqual(['id', 'name', 'hostname']);
    expect([lines.length, lines[0]?.split(',')[1], lines.at(-1)]).toEqual([2, 'n2', '']);
  });

  it('is a JSON list of whole nodes where that is asked for, also of none', async () => {
    const all = await ask(place(), '/api/v1/nodes/export?format=json');
    expect((JSON.parse(all.text) as Node[]).map(({ name }) => name)).toEqual(['n1', 'n2', 'n3', 'n4', 'n5', 'n6']);
    expect(JSON.parse((await ask(place(), '/api/v1/nodes/export?format=json&filter=name:nothing')).text)).toEqual([]);
    expect(await client.exportNodes({ query: { filter: ['name:nothing'] } })).toMatch(/^id,name,[^\n]*\r\n$/u);
  });

  it('says what is wrong before it begins', async () => {
    for (const query of ['sort=nmae', 'filter=health:fine', 'range=nope', 'format=xml', 'limit=5']) {
      const answer = await ask(place(), `/api/v1/nodes/export?${query}`);
      expect([answer.status, problemIn(answer)['code']], query).toEqual([400, 'invalid-request']);
    }
  });

  it('does not run what a person or machine wrote on the desk of whoever opens it', async () => {
    await client.addNode({ body: { name: 'evil', notes: '=HYPERLINK("http://x","y")', labels: { cmd: '@SUM(1)' } } });
    const { text } = await ask(place(), '/api/v1/nodes/export?filter=name:evil');
    expect(text).toContain(`"'=HYPERLINK(""http://x"",""y"")"`);
    await client.removeNode({ params: { node: 'evil' } });
  });
});

describe('actions on many nodes', () => {
  const act = (body: Parameters<Client['actOnNodes']>[0]['body'], by = client) => by.actOnNodes({ body });

  it('cordon, drain and open again, with who and why', async () => {
    expect(await act({ action: 'cordon', range: 'rack1', reason: 'new switch' })).toEqual({ range: 'n[1-3]', count: 3 });
    expect((await node('n2')).scheduling).toMatchObject({ state: 'cordoned', reason: 'new switch', by: 'local administrator' });
    await act({ action: 'drain', range: 'n2' });
    await vi.waitFor(async () => expect((await node('n2')).scheduling.state).toBe('drained'), waiting);
    expect((await eventsOf('n2')).slice(0, 3).map(({ kind }) => kind)).toEqual(['node-drained', 'node-scheduling', 'node-scheduling']);
    await act({ action: 'uncordon', range: 'rack1' });
    expect((await node('n2')).scheduling.state).toBe('open');
  });

  it('do nothing at all where one node stands in the way, and name it', async () => {
    await act({ action: 'cordon', range: 'n1' });
    const refused = await failure(act({ action: 'cordon', range: 'rack1' }));
    expect(refused).toMatchObject({
      status: 409,
      code: 'not-possible-now',
      detail: 'Nothing was done. n1 is cordoned already.',
      errors: [{ path: 'n1' }],
    });
    expect((await node('n2')).scheduling.state).toBe('open');
    await act({ action: 'uncordon', range: 'n1' });
  });

  it('put into maintenance until it ends by itself, and health says so', async () => {
    await act({ action: 'begin-maintenance', range: 'n[1-2]', reason: 'fan', seconds: 3 });
    expect((await node('n1')).maintenance).toMatchObject({ reason: 'fan', by: 'local administrator' });
    await vi.waitFor(
      async () =>
        expect((await node('n1')).health.reasons[0]).toMatchObject({ code: 'in-maintenance', message: expect.stringContaining('fan') }),
      waiting,
    );
    await vi.waitFor(async () => expect((await node('n1')).maintenance).toBeNull(), waiting);
    await vi.waitFor(async () => expect((await node('n1')).health.reasons).toMatchObject([{ code: 'not-registered' }]), waiting);
    expect((await eventsOf('n1')).filter(({ kind }) => kind === 'node-maintenance').map(({ data }) => data['state'])).toEqual([
      'ended',
      'begun',
    ]);
    const past = act({ action: 'begin-maintenance', range: 'n1', reason: 'x', until: '2020-01-01T00:00:00Z' });
    expect(await failure(past)).toMatchObject({ status: 409, detail: expect.stringContaining('Say a later moment') });
    const both = act({ action: 'begin-maintenance', range: 'n1', reason: 'x', until: '2099-01-01T00:00:00Z', seconds: 5 });
    expect(await failure(both)).toMatchObject({ status: 400 });
  });

  it('change labels, groups, notes and environments of all', async () => {
    expect(await act({ action: 'change', range: 'rack2', labels: { zone: 'b' }, addGroups: ['spare'], notes: 'quiet' })).toEqual({
      range: 'n[4-6]',
      count: 3,
    });
    expect(await names({ filter: ['label.zone:b', 'group:spare', 'notes:quiet'] })).toEqual(['n4', 'n5', 'n6']);
    await act({ action: 'change', range: 'spare', removeLabels: ['zone'], removeGroups: ['spare'], notes: '', environments: 'off' });
    expect(await node('n5')).toMatchObject({ labels: { slot: '5' }, groups: ['rack2'], notes: '', environments: 'off', revision: 3 });
    await act({ action: 'change', range: 'rack2', environments: 'on' });
    expect(await failure(act({ action: 'change', range: 'all' }))).toMatchObject({
      status: 400,
      detail: expect.stringContaining('nothing to change'),
    });
    const twice = act({ action: 'change', range: 'all', labels: { a: '1' }, removeLabels: ['a'] });
    expect(await failure(twice)).toMatchObject({ status: 400, detail: expect.stringContaining('both set and removed') });
  });

  it('are written down, with the names of all nodes and what was sent', async () => {
    await act({ action: 'change', range: 'rack1', labels: { audited: 'yes' } });
    const { items } = await client.listAudit({});
    const line = items.find(({ what }) => what === 'actOnNodes');
    expect(line).toMatchObject({ nodes: ['n1', 'n2', 'n3'], input: { action: 'change', labels: { audited: 'yes' } } });
  });

  it('remove, and keep the history', async () => {
    for (const name of ['gone1', 'gone2']) await client.addNode({ body: { name } });
    expect(await act({ action: 'remove', range: 'gone[1-2]' })).toEqual({ range: 'gone[1-2]', count: 2 });
    expect((await eventsOf('gone1')).map(({ kind }) => kind)).toEqual(['node-removed', 'node-added']);
  });
});

describe('who may do what', () => {
  it('is one table: a viewer looks, an operator acts within his groups, an administrator removes', async () => {
    const viewer = (await signInAs(server, { email: 'vera@x.org', role: 'viewer' })).client;
    const operator = (await signInAs(server, { email: 'oscar@x.org', role: 'operator', groups: ['rack1'] })).client;
    const cordon = { action: 'cordon' as const, range: 'n1' };
    expect(await failure(viewer.actOnNodes({ body: cordon }))).toMatchObject({
      status: 403,
      detail: expect.stringContaining('takes the role operator'),
    });
    expect((await operator.actOnNodes({ body: cordon })).count).toBe(1);
    expect((await node('n1')).scheduling.by).toBe('oscar@x.org');
    await operator.actOnNodes({ body: { action: 'uncordon', range: 'n1' } });

    const across = await failure(operator.actOnNodes({ body: { action: 'cordon', range: 'n[2-5]' } }));
    expect(across).toMatchObject({ status: 403, code: 'not-allowed', errors: [{ path: 'n4' }, { path: 'n5' }] });
    expect(across.detail).toContain('Nothing was done.');
    expect((await node('n2')).scheduling.state).toBe('open');
    expect(await failure(operator.actOnNodes({ body: { action: 'remove', range: 'n1' } }))).toMatchObject({ status: 403 });
    expect(await failure(operator.actOnNodes({ body: { action: 'change', range: 'n1', addGroups: ['rack2'] } }))).toMatchObject({
      status: 403,
      detail: expect.stringContaining('may not change who is in rack2'),
    });
    expect((await operator.actOnNodes({ body: { action: 'change', range: 'n1', notes: 'mine' } })).count).toBe(1);
  });

  it('holds for one node as for many', async () => {
    const operator = (await signInAs(server, { email: 'olga@x.org', role: 'operator', groups: ['rack1'] })).client;
    const [own, other] = [await node('n1'), await node('n4')];
    expect(await operator.replaceNode({ params: { node: 'n1' }, body: { ...own, notes: 'by olga' } })).toMatchObject({ notes: 'by olga' });
    expect(await failure(operator.replaceNode({ params: { node: 'n4' }, body: { ...other, notes: 'x' } }))).toMatchObject({ status: 403 });
    const given = operator.replaceNode({ params: { node: 'n1' }, body: { ...own, revision: undefined, groups: ['rack1', 'rack2'] } });
    expect(await failure(given)).toMatchObject({ status: 403, detail: expect.stringContaining('rack2') });
    for (const call of [operator.removeNode, operator.makeJoinToken, operator.reissueNode])
      expect(await failure(call({ params: { node: 'n1' } }) as Promise<unknown>)).toMatchObject({ status: 403 });
    expect(await failure(operator.addNode({ body: { name: 'mine' } }))).toMatchObject({ status: 403 });
  });
});

describe('saved views', () => {
  it('are one’s own, or shared by those who act on nodes', async () => {
    const vera = (await signInAs(server, { email: 'viewer2@x.org', role: 'viewer' })).client;
    const otto = (await signInAs(server, { email: 'operator2@x.org', role: 'operator' })).client;
    const query = { sort: '-cores', filter: ['health:bad'], range: 'rack1', columns: ['name'] };
    const own = await vera.addView({ body: { name: 'bad ones', query } });
    expect(own).toMatchObject({ name: 'bad ones', shared: false, own: true, owner: 'viewer2@x.org', query });
    expect(await failure(vera.addView({ body: { name: 'ours', shared: true, query } }))).toMatchObject({ status: 403 });
    const shared = await otto.addView({ body: { name: 'ours', shared: true, query: {} } });
    expect((await vera.listViews({})).items.map(({ name, own: isOwn }) => [name, isOwn])).toEqual([
      ['bad ones', true],
      ['ours', false],
    ]);
    expect((await otto.listViews({})).items.map(({ name }) => name)).toEqual(['ours']);
    for (const call of [otto.getView, otto.removeView]) {
      expect(await failure(call({ params: { id: own.id } }) as Promise<unknown>)).toMatchObject({ status: 404 });
    }
    expect(await failure(vera.replaceView({ params: { id: shared.id }, body: shared }))).toMatchObject({ status: 403 });
    expect(await vera.replaceView({ params: { id: own.id }, body: { ...own, name: 'worst' } })).toMatchObject({ name: 'worst', own: true });
    expect(await client.removeView({ params: { id: shared.id } })).toBeUndefined();
    expect((await otto.listViews({})).items).toEqual([]);
  });

  it('keep nothing that could never be shown', async () => {
    const name = 'v';
    expect(await failure(client.addView({ body: { name, query: { sort: 'size' } } }))).toMatchObject({
      status: 400,
      errors: [{ path: 'query.sort' }],
    });
    expect(await failure(client.addView({ body: { name, query: { filter: ['health:fine'] } } }))).toMatchObject({ status: 400 });
    expect(await failure(client.addView({ body: { name, query: { range: 'a,,b' } } }))).toMatchObject({
      status: 400,
      errors: [{ path: 'query.range', offset: 2 }],
    });
    const later = await client.addView({ body: { name, query: { range: 'not-yet-there' } } });
    expect(await failure(client.addView({ body: { name, query: {} } }))).toMatchObject({ status: 409, code: 'view-exists' });
    await client.removeView({ params: { id: later.id } });
    expect(await failure(client.getView({ params: { id: later.id } }))).toMatchObject({ status: 404 });
  });
});

describe('joining', () => {
  it('answers with the line, the drop-in and the user data, each with the token', async () => {
    await client.addNode({ body: { name: 'joiner' } });
    const { token, command, systemd, cloudInit, expiresAt } = await client.makeJoinToken({ params: { node: 'joiner' } });
    for (const text of [command, systemd, cloudInit]) expect(text).toContain(token);
    expect(command).toMatch(/^printf .* \| sudo muster-agent enroll --token-file - --start-services$/u);
    expect(systemd).toContain(expiresAt);
    expect((parse(cloudInit) as { write_files: { content: string }[] }).write_files[0]?.content.trim()).toBe(token);
    expect(JSON.stringify([server.lines, await eventsOf('joiner'), (await client.listAudit({})).items])).not.toContain(token);
  });

  it('of a machine made anew under a name that is taken is refused until somebody says reissue', async () => {
    const agent = await enrolAgent(server, 'taken');
    agent.beat();
    await vi.waitFor(async () => expect((await node('taken')).certificateSerial).not.toBeNull(), waiting);
    const before = await node('taken');
    expect(await failure(client.makeJoinToken({ params: { node: 'taken' } }))).toMatchObject({
      status: 409,
      code: 'not-possible-now',
      detail: expect.stringContaining('muster node reissue taken'),
    });
    expect(agent.closedWith).toBeUndefined();

    const { token } = await client.reissueNode({ params: { node: 'taken' } });
    await vi.waitFor(() => expect(agent.closedWith).toBe(4001), waiting);
    await expect(ServerAgent.connect(server, agent.credentials)).rejects.toThrow(/refused with 403/u);
    expect(await node('taken')).toMatchObject({ registration: 'pending', certificateSerial: null, id: before.id });
    const [certificate] = (await client.listCertificates({ params: { node: 'taken' } })).items;
    expect(certificate).toMatchObject({ serial: before.certificateSerial, revocationReason: 'reissued' });
    const kinds = (await eventsOf('taken')).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['node-reissued', 'certificate-revoked']));

    const anew = await enrolAgent(server, 'taken', { token });
    anew.beat();
    await vi.waitFor(
      async () => expect(await node('taken')).toMatchObject({ registration: 'registered', connected: true, id: before.id }),
      waiting,
    );
    expect((await node('taken')).certificateSerial).not.toBe(before.certificateSerial);
    anew.close();
  });

  it('is nothing to reissue where nobody joined', async () => {
    expect(await failure(client.reissueNode({ params: { node: 'joiner' } }))).toMatchObject({
      status: 409,
      detail: 'Nothing was done. joiner has not enrolled yet.',
    });
    expect(await failure(client.reissueNode({ params: { node: 'nobody' } }))).toMatchObject({ status: 404 });
  });
});

describe('a removed node', () => {
  it('is refused, its live connection closed, its history read by name and by id', async () => {
    const agent = await enrolAgent(server, 'leaver');
    agent.beat();
    await vi.waitFor(async () => expect((await node('leaver')).certificateSerial).not.toBeNull(), waiting);
    const { id } = await node('leaver');
    await client.removeNode({ params: { node: 'leaver' } });
    await vi.waitFor(() => expect(agent.closedWith).toBe(4001), waiting);
    await expect(ServerAgent.connect(server, agent.credentials)).rejects.toThrow(/refused with 403/u);
    for (const asked of ['leaver', id]) {
      const kinds = (await eventsOf(asked)).map(({ kind }) => kind);
      expect(kinds).toEqual(expect.arrayContaining(['node-added', 'node-registered', 'node-removed']));
    }
    expect(await failure(client.listEvents({ query: { node: 'never-there' } }))).toMatchObject({ status: 404 });
  });
});

describe('what a machine says of itself', () => {
  it('is shown as the agent’s word where nobody decided, and as a mismatch where somebody did', async () => {
    const agent = await enrolAgent(server, 'facts1');
    await vi.waitFor(async () => expect((await node('facts1')).facts).not.toBeNull(), waiting);
    agent.say({
      type: 'report',
      facts: { ...(await node('facts1')).facts!, addresses: [{ interface: 'eth0', address: '10.7.9.9', family: 'ipv4' }] },
      services: { available: true, services: [] },
    });
    await vi.waitFor(async () => expect((await node('facts1')).reportedIp).toBe('10.7.9.9'), waiting);
    const shown = await node('facts1');
    expect([shown.privateIp, shown.sources, shown.mismatches]).toEqual([
      null,
      { name: 'administrator', privateIp: 'agent', publicIp: null },
      [],
    ]);
    expect(await names({ filter: ['privateIp:=10.7.9.9'] })).toEqual(['facts1']);
    expect(await client.replaceNode({ params: { node: 'facts1' }, body: shown })).toMatchObject({
      privateIp: null,
      revision: shown.revision,
    });
    await client.replaceNode({ params: { node: 'facts1' }, body: { ...shown, privateIp: '10.7.9.10' }, query: { source: 'inventory' } });
    expect(await node('facts1')).toMatchObject({
      sources: { privateIp: 'inventory' },
      mismatches: [{ member: 'privateIp', decided: '10.7.9.10', reported: '10.7.9.9' }],
    });
    expect(await names({ filter: ['mismatch:true'] })).toContain('facts1');
    agent.close();
  });
});
