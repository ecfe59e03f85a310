import { SshError } from '@muster/ssh';
import { describe, expect, it } from 'vitest';
import { ClusterFixture, inventoryOf } from '../../test/cluster-fixture.ts';
import { debianOutput, epochSeconds, rockyOutput } from '../../test/host-outputs.ts';
import { clusterHosts } from '../host/cluster.ts';
import { inventoryText } from './inventory-lines.ts';
import { survey, type Surveyed } from './survey.ts';

describe('survey', () => {
  const look = (fixture: ClusterFixture) => {
    const { connect, signal } = fixture.options();
    return survey(fixture.cluster.hosts, { forks: 5, connect, signal, nowMs: () => epochSeconds * 1000 });
  };

  it('finds name, interface and graphics processor, and closes what it opened', async () => {
    const fixture = new ClusterFixture();
    fixture.host('web1').facts = `${debianOutput()}card=yes\n`;
    fixture.host('web2').facts = rockyOutput.replaceAll('10.0.0.13', '10.0.0.12');
    const { found, failures } = await look(fixture);
    expect(failures).toEqual([]);
    expect(found[1]).toMatchObject({ asked: 'web1', hostname: 'web1', iface: 'eth0', hasGpu: true, cores: 8 });
    expect(found[2]).toMatchObject({ asked: 'web2', iface: 'eth0', hasGpu: false, osName: 'Rocky Linux 9.5 (Blue Onyx)' });
    expect(fixture.host('web1').isClosed).toBe(true);
    expect(fixture.host('web1').sent.map(({ sudo }) => sudo)).toEqual([false]);
  });

  it('names each host that it could not look at', async () => {
    const fixture = new ClusterFixture();
    const error = new SshError({ kind: 'unreachable', host: fixture.host('web1').host, what: 'nothing answers', advice: 'Look.' });
    fixture.unreachable.set('web1', error);
    const { found, failures } = await look(fixture);
    expect(found).toHaveLength(2);
    expect(failures).toEqual([{ host: 'web1', phase: 'survey', kind: 'unreachable', message: error.message }]);
  });
});

describe('inventoryText', () => {
  const one = (asked: string, hostname: string, more: Partial<Surveyed> = {}): Surveyed => ({
    asked,
    hostname,
    iface: 'eth1',
    hasGpu: false,
    osName: 'Debian GNU/Linux 12 (bookworm)',
    cores: 8,
    memoryBytes: 16 * 1024 ** 3,
    ...more,
  });
  const hosts = clusterHosts(inventoryOf('10.0.0.1\n10.0.0.2 ansible_port=2222\n10.0.0.3\n'));
  const read = (text: string) => inventoryOf(text);

  it('is read back as what was found', () => {
    const text = inventoryText(
      hosts,
      [one('10.0.0.1', 'boss.example.org'), one('10.0.0.2', 'web1', { hasGpu: true }), one('10.0.0.3', 'web2', { iface: undefined })],
      { user: 'vagrant', privateKeyFile: '~/my keys/id' },
      undefined,
    );
    expect(text).toContain('# Debian GNU/Linux 12 (bookworm), 8 cores, 16.0 GiB\n');
    const inventory = read(text);
    expect(inventory.hosts).toEqual(['boss', 'web1', 'web2']);
    expect(inventory.groupsOf('boss')).toContain('driver');
    expect(inventory.groupsOf('web2')).toContain('worker');
    expect(Object.fromEntries(inventory.varsOf('web1'))).toMatchObject({ ansible_host: '10.0.0.2', ansible_port: 2222, my_iface: 'eth1' });
    expect(inventory.varsOf('web1').get('has_gpu')).toBe('true');
    expect(inventory.connectionOf('boss')).toMatchObject({ user: 'vagrant', privateKeyFile: '~/my keys/id' });
    expect(inventory.varsOf('web2').has('my_iface')).toBe(false);
  });

  it('keeps what was asked for where a hostname is no name of one host alone', () => {
    const text = inventoryText(hosts, [one('10.0.0.1', 'localhost'), one('10.0.0.2', 'clone'), one('10.0.0.3', 'clone')], {}, '10.0.0.3');
    const inventory = read(text);
    expect(inventory.hosts.toSorted()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    expect(inventory.groupsOf('10.0.0.3')).toContain('driver');
  });

  it('makes a single host driver and worker, and lets no host write lines of its own', () => {
    const text = inventoryText(hosts, [one('10.0.0.1', 'evil\n[driver]', { osName: 'x\n[all:vars]\na=b' })], {}, undefined);
    expect(text.split('\n').filter((line) => line.startsWith('['))).toEqual(['[driver]', '[worker]']);
    expect(read(text).groupsOf('10.0.0.1')).toEqual(expect.arrayContaining(['driver', 'worker']));
  });

  it('refuses a driver that is none of them', () => {
    expect(() => inventoryText(hosts, [one('10.0.0.1', 'a')], {}, 'b')).toThrow('None of the hosts is b');
  });
});
