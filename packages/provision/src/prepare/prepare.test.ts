import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InventoryFiles, readInventory } from '@muster/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems, runInDash } from '../../test/dash.ts';
import { FakeHost } from '../../test/fake-host.ts';
import { apply, driverNeeded, phasesFor } from '../apply.ts';
import { type ClusterHost, clusterOf } from '../host/cluster.ts';
import { actPrepared, restorePrepared } from './act-prepared.ts';
import { observePrepared, readSeen, sha256 } from './observe-prepared.ts';
import { planPrepared, preparedChanges } from './plan-prepared.ts';
import { readPrepared } from './read-prepared.ts';

const phases = phasesFor({ only: ['prepare'] });

function clusterWith(variables: object, hosts = 'a ansible_host=10.0.0.1\n') {
  const texts = new Map([
    ['hosts', hosts],
    ['group_vars/all.json', JSON.stringify(variables)],
  ]);
  const files: InventoryFiles = {
    read: (path) => (texts.has(path) ? Buffer.from(texts.get(path)!) : undefined),
    list: (path) => (path === 'group_vars' ? ['all.json'] : undefined),
  };
  return clusterOf(readInventory(['hosts'], files), driverNeeded(phases));
}
const hostWith = (variables: object): ClusterHost => clusterWith(variables).hosts[0]!;
const read = (variables: object, folder = '.') => readPrepared(hostWith(variables), folder);
const file = (change: object = {}) => ({ host_files: [{ path: '/etc/a.conf', content: 'a\n', ...change }] });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-prepare-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('what a host should have', () => {
  it('is read from lists, maps and text with commas, with what it stands for where nothing is said', async () => {
    writeFileSync(join(folder, 'tool.sh'), Buffer.from([0, 255]));
    const prepared = await read(
      {
        host_packages: 'nano, cron,nano',
        host_files: [
          { path: '/etc/a.conf', content: 'a\n', mode: '0640', owner: 'www-data', group: 33, restarts: ['cron', 'x.socket'] },
          { path: '/usr/local/bin/tool', source: 'tool.sh', mode: '4755' },
        ],
        host_services: [
          { name: 'cron', state: 'started', enabled: true },
          { name: 'x.timer', enabled: 'no' },
        ],
        host_sysctls: { 'net.ipv4.ip_forward': 1, 'net/ipv4/conf/eth0.1/rp_filter': '2', 'net.ipv4.ip_local_port_range': ' 20000\t60000' },
        host_modules: ['br_netfilter'],
      },
      folder,
    );
    expect(prepared.packages).toEqual(['nano', 'cron']);
    expect(prepared.files[0]).toMatchObject({ mode: '640', owner: 'www-data', group: '33', restarts: ['cron.service', 'x.socket'] });
    expect(prepared.files[1]).toMatchObject({ mode: '4755', owner: 'root', content: Buffer.from([0, 255]) });
    expect(prepared.files[2]?.content.toString()).toMatch(/net\/ipv4\/conf\/eth0\.1\/rp_filter = 2\n/u);
    expect(prepared.files[3]).toMatchObject({ path: '/etc/modules-load.d/muster.conf' });
    expect(prepared.services).toEqual([
      { unit: 'cron.service', state: 'started', enabled: true },
      { unit: 'x.timer', state: undefined, enabled: false },
    ]);
    expect(prepared.sysctls[2]).toEqual({ path: 'net/ipv4/ip_local_port_range', value: '20000 60000' });
  });

  it.each([
    [{ host_packages: ['a b'] }, /^a: host_packages: "a b" is not a name\.$/u],
    [{ host_packages: { a: 1 } }, /host_packages: must be a list/u],
    [{ host_files: 'x' }, /host_files: must be a list/u],
    [{ host_files: ['x'] }, /entry 1 must be a map/u],
    [file({ dest: '/x' }), /entry 1 has the key "dest"/u],
    [file({ path: 'etc/a' }), /"etc\/a" is not an absolute path/u],
    [file({ path: '/etc/../a' }), /not an absolute path/u],
    [file({ path: '/etc/a\nb' }), /not an absolute path/u],
    [file({ source: 'x' }), /either content .* or source/u],
    [{ host_files: [{ path: '/etc/a' }] }, /either content .* or source/u],
    [{ host_files: [{ path: '/etc/a', source: 'missing' }] }, /its source .*missing cannot be read .*ENOENT/u],
    [{ host_files: [...file().host_files, ...file().host_files] }, /\/etc\/a\.conf is there twice/u],
    [file({ mode: 644 }), /mode must be octal digits in quotes/u],
    [file({ mode: '0888' }), /mode must be octal/u],
    [file({ owner: 'a;b' }), /owner "a;b" is no name/u],
    [file({ restarts: ['a b'] }), /"a b" is not the name of a unit/u],
    [{ host_services: [{ name: 'cron' }] }, /cron\.service: needs state, enabled or both/u],
    [{ host_services: [{ name: 'cron', state: 'up' }] }, /state must be started or stopped/u],
    [{ host_services: [{ name: 'cron', enabled: 'perhaps' }] }, /enabled must be yes or no/u],
    [{ host_sysctls: ['a'] }, /must be a map/u],
    [{ host_sysctls: { 'net/../x': 1 } }, /is not the name of a kernel parameter/u],
    [{ host_sysctls: { 'net.a': 'x\ny' } }, /needs a value in one line/u],
    [{ host_modules: ['../x'] }, /"..\/x" is not a name/u],
  ])('is refused with host and variable: %j', async (variables, reason) => {
    await expect(read(variables)).rejects.toThrow(reason);
  });
});

const variables = {
  host_packages: ['nano'],
  ...file({ restarts: ['cron'] }),
  host_services: [{ name: 'nft', state: 'started', enabled: true }],
  host_sysctls: { 'net.ipv4.ip_forward': 1 },
  host_modules: ['dummy'],
};
const unit = (name: string, state: string, fileState: string, load = 'loaded') =>
  `Id=${name}\nNames=${name}\nLoadState=${load}\nActiveState=${state}\nUnitFileState=${fileState}\n`;

/** What a host prints that lacks all of it. */
const bare = `sysctl net/ipv4/ip_forward 0\n${unit('nft.service', 'inactive', 'disabled')}\n${unit('cron.service', 'active', 'enabled')}\n`;

describe('the plan', () => {
  it('names what a bare host lacks', async () => {
    const prepared = await read(variables);
    expect(preparedChanges(planPrepared(prepared, readSeen(bare), 'a'), '/debs').map(({ what }) => what)).toEqual([
      'install nano from /debs',
      'write /etc/a.conf',
      'write /etc/sysctl.d/99-z-muster.conf',
      'write /etc/modules-load.d/muster.conf',
      'load the kernel module dummy',
      'set net.ipv4.ip_forward to 1',
      'enable nft.service',
      'start nft.service',
      'restart cron.service',
    ]);
  });

  it('is empty where all is there, and restarts what an interrupted run still owes', async () => {
    const prepared = await read(variables);
    const whole = [
      ...prepared.files.flatMap(({ path, content }) => [`hash ${sha256(content)}  ${path}`, `file 644 root 0 root 0 regular file|${path}`]),
      'package installed nano amd64',
      'module dummy',
      'sysctl net/ipv4/ip_forward 1',
      unit('nft.service', 'active', 'enabled'),
      unit('cron.service', 'active', 'enabled'),
    ].join('\n');
    const changes = (output: string) => preparedChanges(planPrepared(prepared, readSeen(output), 'a'), undefined).map(({ what }) => what);
    expect(changes(whole)).toEqual([]);
    expect(changes(`${whole}\npending cron.service\n`)).toEqual(['restart cron.service']);
    expect(changes(whole.replace('file 644', 'file 600'))).toEqual([
      'set mode and owner of /etc/a.conf to 644 root:root',
      'restart cron.service',
    ]);
  });

  it.each([
    ['no dpkg', { host_packages: ['xx'] }, 'no-dpkg\n', /a has no dpkg/u],
    [
      'no such unit',
      { host_services: [{ name: 'x', state: 'started' }] },
      unit('x.service', 'inactive', '', 'not-found'),
      /has no unit x\.service/u,
    ],
    ['a masked unit', { host_services: [{ name: 'x', state: 'started' }] }, unit('x.service', 'inactive', 'masked', 'masked'), /masked/u],
    ['no such parameter', { host_sysctls: { 'net.a': 1 } }, '', /has no kernel parameter net\.a/u],
    ['a folder in the way', file(), 'file 755 root 0 root 0 directory|/etc/a.conf\n', /has a directory at \/etc\/a\.conf/u],
  ])('is refused where the host has %s', async (_what, wanted, output, reason) => {
    const prepared = await read(wanted);
    expect(() => planPrepared(prepared, readSeen(output), 'a')).toThrow(reason);
  });
});

describe('the scripts', () => {
  it('are valid for a POSIX shell', async () => {
    const prepared = await read({ ...variables, ...file({ path: "/etc/it's/a b", restarts: ['cron'] }) });
    const plan = planPrepared(prepared, readSeen(bare), 'a');
    for (const script of [observePrepared(prepared), actPrepared(plan, true).script, restorePrepared])
      expect(await grammarProblems(script)).toBe('');
  });

  it('look at files in one go, as the reader understands it', async () => {
    writeFileSync(join(folder, 'a b'), 'text\n', { mode: 0o644 });
    const prepared = await read(file({ path: join(folder, 'a b') }));
    const { code, stdout } = await runInDash(observePrepared(prepared));
    const seen = readSeen(stdout);
    expect(code).toBe(0);
    expect(seen.hashes.get(join(folder, 'a b'))).toBe(sha256(Buffer.from('text\n')));
    expect(seen.files.get(join(folder, 'a b'))).toMatchObject({ mode: '644', kind: 'regular file' });
  });
});

describe('a run that prepares', () => {
  const go = async (cluster: ReturnType<typeof clusterWith>, output: string, dryRun = false) => {
    const host = new FakeHost('a', '10.0.0.1');
    host.more.push(({ label }) => (label === 'look at what the host has' ? output : label === 'prepare the host' ? '' : undefined));
    const options = new ClusterFixture().options({ phases, cluster, dryRun, connect: () => Promise.resolve(host) });
    return { host, result: await apply(options, new KeptReport()) };
  };

  it('needs no management server, and says so when what was done did not last', async () => {
    const { host, result } = await go(clusterWith({ host_packages: ['nano'] }), '');
    expect(host.steps).toContain('prepare the host');
    expect(result.failures.get('a')?.message).toMatch(/there is still to do: install nano/u);
  });

  it('changes nothing where all is there, nor in a dry run', async () => {
    const cluster = clusterWith({ host_packages: ['nano'] });
    const quiet = await go(cluster, 'package installed nano amd64\n');
    expect([quiet.host.steps, quiet.result.failures.size]).toEqual([[], 0]);
    expect((await go(cluster, '', true)).host.steps).toEqual([]);
  });

  it('is refused as a whole, before any host is asked, for a bad value', async () => {
    await expect(go(clusterWith({ host_packages: ['A B'] }), '')).rejects.toThrow(/a: host_packages: "A B" is not a name/u);
  });
});
