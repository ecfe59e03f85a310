import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, inventoryOf, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakeNetwork, networkInventory } from '../../test/fake-network.ts';
import { apply, clusterOf, phasesFor } from '../index.ts';

const phases = phasesFor({ only: ['ntp,dnsmasq,resolvers'] });
const conf = '/etc/muster/dnsmasq/dnsmasq.conf';
const [holder, second] = ['/etc/muster/dnsmasq/holder.conf', '/etc/muster/dnsmasq/second.conf'];
const chronyConf = '/etc/chrony/chrony.conf';
const sources = '/etc/chrony/sources.d/muster.sources';

let fixture: ClusterFixture;
let network: ReadonlyMap<string, FakeNetwork>;

beforeEach(() => {
  fixture = new ClusterFixture(networkInventory);
  network = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeNetwork(host)]));
});

const fileOf = (name: string, path: string): string => fixture.host(name).files.get(path) ?? '';

/** Runs the phases with the inventory, or another one for the same hosts. */
async function applied(change: Parameters<ClusterFixture['options']>[0] = {}, inventory?: string) {
  const report = new KeptReport();
  for (const host of fixture.hosts.values()) host.forget();
  const cluster = inventory === undefined ? {} : { cluster: clusterOf(inventoryOf(inventory)) };
  const result = await apply(fixture.options({ phases, ...cluster, ...change }), report);
  const told = (name: string): string[] =>
    report.outcomes.filter(({ host }) => host === name).flatMap(({ changes }) => changes.map(({ what }) => what));
  return { result, told, report };
}

const failureOf = async (name: string, inventory?: string): Promise<string> =>
  (await applied({}, inventory)).result.failures.get(name)?.message ?? '';

describe('the services of the network in a run', () => {
  it('are the same on all members, but for the range; the node has all members as sources and resolvers', async () => {
    const { result } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(fileOf('m1', '/etc/muster/dnsmasq/reservations')).toContain('52:54:00:00:00:03,set:known,10.0.0.3,w1,12h');
    for (const path of ['reservations', 'hosts'])
      expect(fileOf('m1', `/etc/muster/dnsmasq/${path}`)).toBe(fileOf('m2', `/etc/muster/dnsmasq/${path}`));
    for (const name of ['m1', 'm2']) {
      expect(fileOf(name, holder)).toContain('dhcp-range=10.0.0.100,10.0.0.200,255.255.255.0,12h\ndhcp-authoritative\n');
      expect(fileOf(name, second)).toContain('dhcp-range=10.0.0.0,static,255.255.255.0,12h\ndhcp-reply-delay=1\n');
      expect(fileOf(name, conf)).not.toContain('dhcp-range');
    }
    expect(fileOf('m2', '/etc/systemd/system/muster-dhcp-range.service')).toContain(
      'follow-primary 10.0.0.2 28008 /etc/muster/pool/authority.pem',
    );
    expect(fileOf('w1', conf)).toBe('');
    expect(fileOf('w1', sources).split('\n').slice(1)).toEqual(['server 10.0.0.1 iburst', 'server 10.0.0.2 iburst', '']);
    expect(fileOf('m1', sources)).toContain('server ntp.example.org iburst\npool pool.example.org iburst\nserver 10.0.0.2 iburst\n');
    expect(fileOf('w1', '/etc/resolv.conf')).toMatch(/^search cluster\.lan lan$/mu);
    expect(fileOf('m1', '/etc/resolv.conf')).not.toContain('10.0.0.');
  });

  it('change nothing in a second run', async () => {
    await applied();
    const { told } = await applied();
    for (const name of ['m1', 'm2', 'w1']) {
      expect(told(name)).toEqual([]);
      expect(fixture.host(name).steps).toEqual([]);
    }
  });

  it('are only told in a dry run, with what the files will hold', async () => {
    const { told, report } = await applied({ dryRun: true });
    expect(told('m1')).toEqual(expect.arrayContaining(['install chrony', `write ${chronyConf}`, `write ${conf}`, 'make /srv/tftp']));
    const contents = report.outcomes.flatMap(({ changes }) => changes.flatMap(({ content }) => content ?? []));
    expect(contents.join('')).toContain('dhcp-authoritative');
    for (const host of fixture.hosts.values()) expect([host.steps, host.uploads]).toEqual([[], []]);
  });

  it('read names, reservations and time sources anew without a restart', async () => {
    await applied();
    for (const one of network.values()) one.done.length = 0;
    const more = `${networkInventory.replace('ntp.example.org', 'other.example.org')}[worker]\nn9 ansible_host=10.0.0.9 muster_mac=52:54:00:00:00:09\n`;
    const { told } = await applied({ limit: new Set(['m1', 'm2']) }, more);
    expect(told('m2')).toEqual([
      `change ${sources}`,
      'reload chrony.service',
      'change /etc/muster/dnsmasq/hosts',
      'change /etc/muster/dnsmasq/reservations',
      'reload muster-dnsmasq.service',
    ]);
    expect(network.get('m2')!.done).toEqual(['reload chrony.service', 'reload muster-dnsmasq.service']);
  });

  it('are restarted where the settings change, and where an earlier run still owes it', async () => {
    await applied();
    const { told } = await applied({}, networkInventory.replace('muster_tftp=yes', 'muster_tftp=no'));
    expect(told('m1')).toEqual([`change ${conf}`, 'restart muster-dnsmasq.service']);
    network.get('m1')!.owed.set('chrony.service', 'restart').set('muster-dnsmasq.service', 'reload');
    const again = await applied({}, networkInventory.replace('muster_tftp=yes', 'muster_tftp=no'));
    expect(again.told('m1')).toEqual(['restart chrony.service', 'reload muster-dnsmasq.service']);
  });

  it('are taken away where they are switched off', async () => {
    await applied();
    const off = networkInventory.replaceAll(/(muster_(?:ntp|dns|dhcp|tftp|node_resolvers))=yes/gu, '$1=no');
    const { told } = await applied({}, off);
    expect(told('m1')).toEqual([
      'take the settings of chrony away, and put back what was there before',
      'stop and remove muster-dnsmasq.service, its settings and its leases',
      'stop and remove muster-dhcp-range.service',
    ]);
    expect(told('w1')).toEqual([
      'take the settings of chrony away, and put back what was there before',
      'put back what was before at /etc/resolv.conf',
    ]);
    expect(fileOf('w1', '/etc/resolv.conf')).toBe('search lan\nnameserver 9.9.9.9\n');
    expect((await applied({}, off)).told('m1')).toEqual([]);
  });

  it('keep the range on the first member where the database is one of the user, and take away what followed the primary', async () => {
    await applied();
    const own = networkInventory.replace('[witness]', '[worker]').concat('muster_database_url=postgresql://muster@db/muster\n');
    const { told } = await applied({}, own);
    expect(told('m2')).toEqual([
      `change ${conf}`,
      'change /etc/systemd/system/muster-dnsmasq.service',
      `remove ${holder}`,
      `remove ${second}`,
      'restart muster-dnsmasq.service',
      'stop and remove muster-dhcp-range.service',
    ]);
    expect(fileOf('m1', conf)).toContain('dhcp-range=10.0.0.100,10.0.0.200,255.255.255.0,12h\ndhcp-authoritative\n');
    expect(fileOf('m2', conf)).toContain('dhcp-range=10.0.0.0,static,255.255.255.0,12h\ndhcp-reply-delay=1\n');
    expect(['m1', 'm2'].map((name) => fileOf(name, holder))).toEqual(['', '']);
    expect((await applied({}, own)).told('m1')).toEqual([]);
  });

  it('leave a member that is one no more', async () => {
    await applied();
    const moved = networkInventory
      .replace('m2 ansible_host=10.0.0.2', 'm3 ansible_host=10.0.0.4')
      .replace('[all', '[worker]\nm2 ansible_host=10.0.0.2\n[all');
    const { told } = await applied({ limit: new Set(['m2']) }, moved);
    expect(told('m2')).toContain('stop and remove muster-dnsmasq.service, its settings and its leases');
  });

  it('leave a file alone that somebody has changed, with its name and the option to say so', async () => {
    await applied();
    fixture.host('m1').files.set(conf, `${fileOf('m1', conf)}cache-size=1000\n`);
    const other = networkInventory.replace('cluster.lan', 'other.lan');
    const message = await failureOf('m1', other);
    expect(message).toContain(`${conf} on m1 was changed by hand since a run wrote it`);
    expect(message).toContain('-e muster_network_overwrite=yes');
    expect(fileOf('m1', conf)).toContain('cache-size=1000');
    const { result } = await applied({}, `${other}muster_network_overwrite=yes\n`);
    expect(result.failures.size).toBe(0);
    expect(fileOf('m1', conf)).not.toContain('cache-size');
  });

  it('leave a chrony.conf alone that was there before, and not the one of the package', async () => {
    network.get('w1')!.installed.add('chrony');
    fixture.host('w1').files.set(chronyConf, 'server time.site.example\n');
    expect(await failureOf('w1')).toContain(`${chronyConf} on w1 was not written by a run`);
    fixture.host('w1').more.unshift(({ label }) => {
      if (label !== 'look at chrony') return undefined;
      return `${chronyConf}=aa\nstate:${chronyConf}=foreign\nshipped=yes\nclock=yes\n`;
    });
    expect(await failureOf('w1')).toBe('');
  });

  it('set no clock in a container, and say nothing of resolvers that others keep but a warning', async () => {
    network.get('w1')!.setsClock = false;
    network.get('w1')!.way = 'NetworkManager';
    const { report, result } = await applied();
    expect(result.failures.size).toBe(0);
    expect(fileOf('w1', '/etc/systemd/system/chrony.service.d/muster.conf')).toContain('chronyd -F 1 -x');
    expect(report.outcomes.flatMap(({ warnings }) => warnings ?? []).join()).toMatch(
      /kept by NetworkManager, which muster_node_resolvers does not set/u,
    );
    expect(fileOf('w1', '/etc/resolv.conf')).toBe('search lan\nnameserver 9.9.9.9\n');
  });

  it('set systemd-resolved by a file of their own', async () => {
    network.get('w1')!.way = 'resolved';
    await applied();
    expect(fileOf('w1', '/etc/systemd/resolved.conf.d/muster.conf')).toMatch(
      /\[Resolve\]\nDNS=10\.0\.0\.\d 10\.0\.0\.\d\nDomains=cluster\.lan ~\.\n/u,
    );
    expect((await applied()).told('w1')).toEqual([]);
  });

  it('stop at a host whose interface is elsewhere, before it is touched', async () => {
    fixture.host('m2').facts = fixture.host('m2').facts.replace('10.0.0.2 24', '10.0.0.2 30');
    expect(await failureOf('m2')).toMatch(
      /its muster_dhcp_range 10\.0\.0\.100-10\.0\.0\.200 is not in the network 10\.0\.0\.0\/30 of its interface eth0; DHCP cannot give 10\.0\.0\.3 to w1/u,
    );
  });

  it('are refused as a whole where the inventory contradicts itself, before any host is asked', async () => {
    await expect(applied({}, networkInventory.replace('10.0.0.3', '10.0.0.150'))).rejects.toThrow(
      /w1 has the address 10\.0\.0\.150, which is in the dynamic range/u,
    );
    for (const host of fixture.hosts.values()) expect(host.sent).toEqual([]);
  });

  it('have scripts that a POSIX shell takes', async () => {
    network.get('w1')!.way = 'resolved';
    network.get('m1')!.setsClock = false;
    await applied();
    const scripts = [...fixture.hosts.values()].flatMap(({ sent }) => sent);
    await applied({}, networkInventory.replaceAll(/(muster_(?:ntp|dns|dhcp|tftp|node_resolvers))=yes/gu, '$1=no'));
    scripts.push(...[...fixture.hosts.values()].flatMap(({ sent }) => sent));
    const different = new Map(scripts.map(({ label, script }) => [script, label]));
    for (const [script, label] of different) expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });
});
