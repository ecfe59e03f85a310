import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemError, type ProvisionRun, type RunStart } from '@muster/api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { comeIn } from '../test/people.ts';
import { openServer, type TestServer } from '../test/server-fixture.ts';

/* A real server and its database; the program that it starts is a fake, see `test/fake-apply`. The real one runs in the lab. */

const patience = { timeout: 20_000, interval: 50 } as const;
const hostKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPinned';

let server: TestServer;
beforeAll(async () => {
  server = await openServer();
  await addHost('boss', '10.0.0.10');
  await addHost('web1', '10.0.0.11');
});
afterAll(() => server.close());

async function addHost(name: string, privateIp: string, full = true): Promise<void> {
  await server.local.addNode({ body: { name, privateIp } });
  await server.local.setAgentControl({ params: { node: name }, body: { hostKeys: [hostKey], port: 2222, full } });
}

/** An inventory of which the fake does one or another thing. */
const inventoryOf = (how: string, web1: object = {}) =>
  `${JSON.stringify(
    {
      all: {
        hosts: { boss: { muster_control: 'full' }, web1: { muster_control: 'full', ansible_user: 'vagrant', fake_run: how, ...web1 } },
        children: { driver: { hosts: { boss: {} } }, worker: { hosts: { web1: {} } } },
      },
    },
    null,
    2,
  )}\n`;

const save = (name: string, document: string) => server.local.saveInventory({ params: { inventory: name }, body: { document } });
const start = async (inventory: string, change: Partial<RunStart> = {}) =>
  await server.local.startRun({ body: { inventory, dryRun: false, limit: 'web1', ...change } });
const over = (id: string, of = server): Promise<ProvisionRun> =>
  vi.waitFor(async () => {
    const run = await of.local.getRun({ params: { id } });
    if (run.state === 'running') throw new Error('it goes on');
    return run;
  }, patience);
const until = (id: string, phase: string) =>
  vi.waitFor(async () => expect((await server.local.getRun({ params: { id } })).now?.phase).toBe(phase), patience);
const problemOf = async (call: Promise<unknown>) => {
  const error: unknown = await call.catch((reason: unknown) => reason);
  if (!(error instanceof ProblemError)) throw new Error(`not a problem: ${String(error)}`);
  return error.problem;
};
const given = (file: string, of = server) => readFileSync(join(of.server.dataDir, 'given', file), 'utf8');
const foldersOf = ({ server: { dataDir } }: TestServer) => (existsSync(join(dataDir, 'runs')) ? readdirSync(join(dataDir, 'runs')) : []);

describe('a run from the server', () => {
  it('is executed by a program of its own, told while it goes, and kept', async () => {
    const { version, sha256 } = await save('done', inventoryOf('done'));
    const begun = await start('done', { skip: ['verify'], skipCheck: ['memory'] });
    expect(begun).toMatchObject({ state: 'running', command: 'apply', inventory: { name: 'done', version, sha256 } });
    const run = await over(begun.id);
    expect(run).toMatchObject({
      state: 'done',
      by: 'local administrator',
      options: ['-i', 'done', '--limit=web1', '--skip', 'verify', '--skip-check', 'memory'],
      counts: { hosts: 1, changed: 1, failed: 0, notDone: 0 },
      hosts: [
        { name: 'web1', status: 'changed', phases: [{ phase: 'connect' }, { phase: 'agent', changes: ['write /etc/muster/agent.json'] }] },
      ],
    });
    expect(JSON.stringify(run)).not.toContain('a secret');
    expect(run.phases.map(({ phase }) => phase)).toEqual(['connect', 'agent']);
    const { items } = await server.local.listEvents({ query: { limit: 50 } });
    const told = items.filter(({ data }) => data['runId'] === run.id).map(({ kind }) => kind);
    expect(told).toEqual(['run-finished', 'run-phase', 'run-phase', 'run-started']);
  });

  it('gives the program its own way in and nothing else: no password, no secret in arguments, no environment of the server', async () => {
    await over((await start('done')).id);
    expect(given('arguments').split('\n')).toEqual([
      ...['apply', '-i', 'inventory.yml', '-o', 'json', '--no-keep', '--known-hosts', 'known_hosts', '--ssh-config', 'ssh_config'],
      ...['--limit=web1', ''],
    ]);
    expect(given('environment')).not.toMatch(/MUSTER|SSH_AUTH_SOCK|USER=/u);
    expect(given('known_hosts')).toBe(`[10.0.0.10]:2222 ${hostKey}\n[10.0.0.11]:2222 ${hostKey}\n`);
    expect(given('ssh_config')).toBe('');
    expect(given('modes').match(/^\d+/gmu)).toEqual(['700', '600', '600']);
    expect(given('key-head')).toBe('-----BEGIN OPENSSH PRIVATE KEY-----\n');
    const { all } = JSON.parse(given('inventory.yml')) as { all: { hosts: Record<string, unknown> } };
    expect(all.hosts['web1']).toEqual({
      ansible_host: '10.0.0.11',
      ansible_port: 2222,
      ansible_user: 'muster-control',
      ansible_private_key_file: expect.stringMatching(/\/runs\/[0-9a-f-]{36}\/key$/u) as string,
      fake_run: 'done',
      muster_control: 'full',
    });
    await vi.waitFor(() => expect(foldersOf(server)).toEqual([]), patience);
  });

  it('fails where a host fails, with phase and reason', async () => {
    await save('fails', inventoryOf('fails'));
    const run = await over((await start('fails')).id);
    expect(run).toMatchObject({
      state: 'failed',
      counts: { failed: 1 },
      hosts: [{ name: 'web1', failure: { phase: 'agent', kind: 'timeout', message: 'tar: too slow' } }],
    });
  });

  it('fails with what its program said where that ends before its time', async () => {
    await save('crashes', inventoryOf('crashes'));
    const run = await over((await start('crashes')).id);
    expect(run).toMatchObject({
      state: 'failed',
      reason: 'The program of the run ended with status 70: error: out of memory',
      counts: { failed: 0, notDone: 1, hosts: 1 },
    });
  });

  it('is the only one of its inventory, and can be cancelled once', async () => {
    await save('waits', inventoryOf('waits'));
    const { id } = await start('waits');
    await until(id, 'agent');
    const second = await problemOf(start('waits'));
    expect(second).toMatchObject({ status: 409, code: 'not-possible-now' });
    expect(second.detail).toContain('local administrator runs the inventory waits since');
    await server.local.cancelRun({ params: { id } });
    expect(await over(id)).toMatchObject({ state: 'interrupted', reason: 'Cancelled by local administrator.', counts: { notDone: 1 } });
    expect((await problemOf(server.local.cancelRun({ params: { id } }))).detail).toBe('The run is interrupted already.');
    const { items } = await server.local.listAudit({ query: { limit: 20 } });
    expect(items.map(({ what }) => what)).toEqual(expect.arrayContaining(['startRun', 'cancelRun', 'saveInventory']));
  });

  it('waits for none of the others beyond the bound', async () => {
    await save('waits-too', inventoryOf('waits'));
    const runs = [await start('waits'), await start('waits-too')];
    expect((await problemOf(start('done'))).detail).toContain('2 runs go on, and this server executes no more at a time');
    for (const { id } of runs) await server.local.cancelRun({ params: { id } });
    for (const { id } of runs) expect((await over(id)).state).toBe('interrupted');
    expect((await over((await start('done')).id)).state).toBe('done');
  });
});

describe('a run is refused before anything is started', () => {
  it('where the server has no way to a host, or may not act as root there: all are named, with what to do', async () => {
    await addHost('web2', '10.0.0.12', false);
    const document = JSON.stringify({
      all: {
        hosts: { boss: {}, web1: { muster_control: 'full' }, web2: {}, web3: {} },
        children: { driver: { hosts: { boss: {} } }, worker: { hosts: { web1: {}, web2: {}, web3: {} } } },
      },
    });
    await save('partly', document);
    const refused = await problemOf(start('partly', { limit: 'web[1-3]' }));
    expect(refused).toMatchObject({ status: 409, code: 'not-possible-now' });
    expect(refused.errors?.map(({ path }) => path)).toEqual(['web2', 'web3']);
    expect(refused.detail).toContain(
      'web2: the server may only start and stop its agent: set muster_control=full for it and run "muster apply" once',
    );
    expect(refused.detail).toContain('web3: the server has no way to it');
    const hosts = await server.local.listInventoryHosts({ params: { inventory: 'partly' }, query: { limit: 'web[1-3]' } });
    expect(hosts.hosts).toEqual(['web1', 'web2', 'web3']);
    expect(hosts.unreachable.map(({ host }) => host)).toEqual(['web2', 'web3']);
    expect(hosts.phases.slice(0, 2)).toEqual(['connect', 'detect']);
  });

  it('where the inventory would take away the way that the run goes by', async () => {
    await save('narrow', inventoryOf('done', { muster_control: 'yes' }));
    expect((await problemOf(start('narrow'))).detail).toContain('web1: this inventory does not say muster_control=full for it');
    expect((await over((await start('narrow', { only: ['prepare'] })).id)).state).toBe('done');
  });

  it.each<[string, Partial<RunStart>, string]>([
    ['an inventory that there is not', { inventory: 'nothing' }, 'The server keeps no inventory named "nothing"'],
    ['a host that there is not', { limit: 'web1,wbe2' }, 'wbe2'],
    ['a file on the server', { limit: '^/etc/passwd' }, 'the file "/etc/passwd" is not read here'],
    ['a phase that there is not', { only: ['sing'] }, 'there is no phase sing'],
    ['a phase that another needs', { skip: ['server'] }, 'A phase was left out that another needs'],
    ['a check that there is not', { skipCheck: ['weather'] }, 'weather'],
  ])('for %s', async (_what, change, said) => {
    const { inventory = 'done', ...rest } = change;
    expect((await problemOf(start(inventory, rest))).detail).toContain(said);
  });

  it('for who is no administrator of the whole installation', async () => {
    const operator = await comeIn(server, 'op@example.org', { role: 'operator', groups: null, mayExec: false });
    const bound = await comeIn(server, 'bound@example.org', { role: 'administrator', groups: ['a'], mayExec: false });
    for (const { client } of [operator, bound]) {
      expect((await problemOf(client.startRun({ body: { inventory: 'done', dryRun: true } }))).code).toBe('not-allowed');
      expect((await problemOf(client.getInventory({ params: { inventory: 'done' } }))).code).toBe('not-allowed');
    }
    expect((await operator.client.listInventories({})).items.map(({ name }) => name)).toContain('done');
  });
});

describe('inventories on the server', () => {
  it('have versions, and the registered nodes are one of them', async () => {
    await save('versions', inventoryOf('done'));
    expect(await save('versions', inventoryOf('done'))).toMatchObject({ version: 1, hosts: 2, savedBy: 'local administrator' });
    expect(await save('versions', inventoryOf('fails'))).toMatchObject({ version: 2 });
    const { document } = await server.local.getInventory({ params: { inventory: 'registered' } });
    expect(document).toContain('muster_control: "full"');
    const { items } = await server.local.listInventories({});
    expect(items[0]).toMatchObject({ name: 'registered', version: null, savedBy: null });
    await server.local.removeInventory({ params: { inventory: 'versions' } });
    expect((await problemOf(server.local.getInventory({ params: { inventory: 'versions' } }))).code).toBe('not-found');
    expect((await problemOf(save('registered', inventoryOf('done')))).code).toBe('invalid-request');
  });

  it.each([
    ['a secret', inventoryOf('done', { k3s_token: 'hunter2' }), 'host web1: k3s_token holds a secret'],
    ['a command', inventoryOf('done', { k3s_token: "{{ lookup('pipe', 'id') }}" }), 'is looked up where the server does not look'],
    [
      'a file elsewhere',
      inventoryOf('done', { k3s_token: "{{ lookup('file', '/etc/muster/secrets/../x') }}" }),
      'where the server does not',
    ],
    ['no inventory', '{"all": ', 'inventory.yml'],
    ['no host', '{"all": {}}', 'no host'],
  ])('hold no %s', async (_what, document, said) => {
    const refused = await problemOf(save('bad', document));
    expect(refused.code).toBe('invalid-request');
    expect(refused.detail).toContain(said);
    expect(refused.detail).not.toContain('hunter2');
    expect(JSON.stringify(await server.local.listAudit({ query: { limit: 5 } }))).not.toContain('hunter2');
  });

  it('may say in which file of the server a secret is', async () => {
    const document = inventoryOf('done', { k3s_token: "{{ lookup('file', '/etc/muster/secrets/k3s') }}" });
    expect(await save('good', document)).toMatchObject({ version: 1 });
  });
});

describe('a server that stops', () => {
  it('ends its runs, and says of one that was cut off that it was', async () => {
    const first = server;
    const { id } = await start('waits');
    await until(id, 'agent');
    await first.server.stop();
    const variables = { MUSTER_DATA_DIR: first.server.dataDir, MUSTER_HTTP_PORT: String(first.port) };
    const second = await openServer(variables);
    try {
      expect(await second.local.getRun({ params: { id } })).toMatchObject({
        state: 'interrupted',
        reason: 'The server was stopped while it ran. Start it again: it goes on where it ended.',
      });
      expect(foldersOf(second)).toEqual([]);
    } finally {
      await second.close();
    }
  });
});
