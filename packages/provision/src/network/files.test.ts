import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOutside, chronyFiles, chronyPaths } from './chrony-files.ts';
import { dnsmasqFiles, dnsmasqPaths, type DnsmasqPlan } from './dnsmasq-files.ts';
import { networkAround, parseIp4 } from './ip4.ts';
import { outsideOf, placeOf } from './own-network.ts';
import { resolvConf, resolvedSettings, resolverOrder } from './resolver-files.ts';

const at = (text: string): number => parseIp4(text) ?? 0;
const network = networkAround(at('10.0.0.1'), 24);
const place = { interface: 'eth0', address: '10.0.0.1', network };
const nodes = [
  { name: 'n1', address: '10.0.0.11', macs: ['52:54:00:00:00:11', '52:54:00:00:01:11'] },
  { name: 'n2.other.lan', address: '10.0.0.12', macs: ['52:54:00:00:00:12'] },
  { name: 'n3', address: '10.0.0.13', macs: [] },
];
const range = { first: at('10.0.0.100'), last: at('10.0.0.200'), leaseTime: '1h' };
const dhcp = {
  range,
  hold: 'holder' as const,
  leaseTime: '1h',
  router: undefined,
  bootFile: undefined,
  isNetboot: false,
  nameServers: ['10.0.0.2', '10.0.0.1'],
  timeServers: ['10.0.0.1'],
};
const plan: DnsmasqPlan = { place, nodes, domain: 'cluster.lan', dns: { upstreamFile: '/etc/resolv.conf' }, dhcp, tftpRoot: undefined };

/** The lines of one of the files, without the digest. */
const linesOf = (wanted: DnsmasqPlan, path: string): string[] =>
  dnsmasqFiles(wanted)
    .find((file) => file.path === path)
    ?.content.trimEnd()
    .split('\n')
    .slice(1) ?? [];

describe('the files of dnsmasq', () => {
  it('name each machine with and without the domain, by what it is called first', () => {
    expect(linesOf(plan, dnsmasqPaths.hosts)).toEqual([
      '10.0.0.11 n1.cluster.lan n1',
      '10.0.0.12 n2.other.lan',
      '10.0.0.13 n3.cluster.lan n3',
    ]);
    expect(linesOf({ ...plan, domain: undefined }, dnsmasqPaths.hosts)[0]).toBe('10.0.0.11 n1');
  });

  it('reserve an address for each known card', () => {
    expect(linesOf(plan, dnsmasqPaths.reservations)).toEqual([
      '52:54:00:00:00:11,52:54:00:00:01:11,set:known,10.0.0.11,n1,1h',
      '52:54:00:00:00:12,set:known,10.0.0.12,n2,1h',
    ]);
  });

  it('tell of the server itself first, and of no way out where none is named', () => {
    const lines = linesOf(plan, dnsmasqPaths.settings);
    expect(lines).toEqual(expect.arrayContaining(['dhcp-option=option:dns-server,10.0.0.1,10.0.0.2', 'dhcp-option=option:router']));
    expect(lines.some((line) => line.startsWith('dhcp-boot'))).toBe(false);
    const more = linesOf({ ...plan, dhcp: { ...dhcp, router: '10.0.0.254', bootFile: 'http://{server}/x' } }, dnsmasqPaths.settings);
    expect(more).toEqual(expect.arrayContaining(['dhcp-option=option:router,10.0.0.254', 'dhcp-boot=http://10.0.0.1/x,,10.0.0.1']));
  });

  it('leave out what is off', () => {
    const off = linesOf({ ...plan, dns: undefined, dhcp: undefined, tftpRoot: '/srv/tftp' }, dnsmasqPaths.settings);
    expect(off).toEqual(expect.arrayContaining(['port=0', 'enable-tftp', 'tftp-root=/srv/tftp']));
    expect(off.some((line) => /^(?:dhcp|resolv-file|addn-hosts)/u.test(line))).toBe(false);
    expect(linesOf({ ...plan, dns: undefined }, dnsmasqPaths.settings)).toContain('dhcp-option=option:dns-server,10.0.0.2');
    expect(linesOf({ ...plan, dhcp: undefined }, dnsmasqPaths.reservations)).toEqual([]);
  });

  const ranged = ['dhcp-range=10.0.0.100,10.0.0.200,255.255.255.0,1h', 'dhcp-authoritative'];
  const knownOnly = ['dhcp-range=10.0.0.0,static,255.255.255.0,1h', 'dhcp-reply-delay=1', 'dhcp-ignore=tag:!known'];
  /** The lines that say what a server is to the range. */
  const roleLines = (wanted: DnsmasqPlan, path: string): string[] =>
    linesOf(wanted, path).filter((line) => /^dhcp-(?:range|authoritative|reply-delay|ignore)/u.test(line));

  it.each([
    ['holder', ranged],
    ['second', knownOnly],
  ] as const)('are authoritative where the range is, and only there: a %s', (hold, lines) => {
    expect(roleLines({ ...plan, dhcp: { ...dhcp, hold } }, dnsmasqPaths.settings)).toEqual(lines);
    expect(linesOf({ ...plan, dhcp: { ...dhcp, hold } }, dnsmasqPaths.holder)).toEqual([]);
  });

  it('have both where the range follows the primary, and read what a link says, which after a boot says nothing', () => {
    const following: DnsmasqPlan = { ...plan, dhcp: { ...dhcp, hold: 'follows' } };
    expect(roleLines(following, dnsmasqPaths.settings)).toEqual([]);
    expect(linesOf(following, dnsmasqPaths.holder)).toEqual(ranged);
    expect(linesOf(following, dnsmasqPaths.second)).toEqual(knownOnly);
    const unit = linesOf(following, dnsmasqPaths.unit).join('\n');
    expect(unit).toContain(`--conf-file=${dnsmasqPaths.settings} --conf-file=/run/muster-dnsmasq/role.conf`);
    expect(unit).toContain(`|| ln -sfn ${dnsmasqPaths.second} /run/muster-dnsmasq/role.conf`);
  });

  it.each(['holder', 'second', 'follows'] as const)('answer at once on every server where there is no range (%s)', (hold) => {
    const without: DnsmasqPlan = { ...plan, dhcp: { ...dhcp, hold, range: undefined } };
    expect(roleLines(without, dnsmasqPaths.settings)).toEqual(knownOnly.slice(0, 1));
    expect(linesOf(without, dnsmasqPaths.second)).toEqual([]);
    expect(linesOf(without, dnsmasqPaths.unit).join()).not.toContain('role.conf');
  });
});

describe('the place of a member in its network', () => {
  const facts = (addresses: { interface: string; address: string; prefixLength?: number }[]) =>
    ({ addresses }) as unknown as NonNullable<Parameters<typeof placeOf>[0]['facts']>;

  it('is that of its address, where the host says how large the network is', () => {
    expect(placeOf({ facts: facts([{ interface: 'eth0', address: '10.0.0.1', prefixLength: 24 }]), address: '10.0.0.1' })).toEqual(place);
    expect(placeOf({ facts: facts([{ interface: 'eth0', address: '10.0.0.1' }]), address: '10.0.0.1' })).toBeUndefined();
    expect(placeOf({ facts: facts([{ interface: 'eth0', address: 'fd00::1', prefixLength: 64 }]), address: 'fd00::1' })).toBeUndefined();
  });

  it('bounds what DHCP can give: of machines without a card nothing is asked', () => {
    const far = { name: 'far', address: '10.0.9.9', macs: ['52:54:00:00:00:99'] };
    expect(outsideOf(place, [...nodes, { ...far, macs: [] }], range)).toEqual([]);
    expect(outsideOf(place, [far], { ...range, last: at('10.0.0.255') })).toEqual([
      'its muster_dhcp_range 10.0.0.100-10.0.0.255 is not in the network 10.0.0.0/24 of its interface eth0',
      'DHCP cannot give 10.0.9.9 to far, which is not in the network 10.0.0.0/24 of its interface eth0',
    ]);
  });
});

describe('the files of chrony', () => {
  const wanted = {
    outside: ['a.example', 'pool:b.example'],
    inside: ['10.0.0.2'],
    serves: { network, others: ['10.9.0.4'] },
    setsClock: true,
  };
  const content = (path: string, change = {}) => chronyFiles({ ...wanted, ...change }).find((file) => file.path === path)?.content ?? '';

  it('have sources of their own, and serve whom the cluster has', () => {
    expect(content(chronyPaths.sources)).toContain('server a.example iburst\npool b.example iburst\nserver 10.0.0.2 iburst\n');
    expect(content(chronyPaths.settings)).toContain('allow 10.0.0.0/24\nallow 10.9.0.4\nlocal stratum 10 orphan\n');
    expect(content(chronyPaths.withoutClock)).toBe('');
  });

  it('serve nobody on a node, and set no clock where there is none', () => {
    expect(content(chronyPaths.settings, { serves: undefined })).not.toMatch(/^(?:allow|local)/mu);
    expect(content(chronyPaths.withoutClock, { setsClock: false })).toContain('ConditionCapability=\n');
  });

  it('allow machines of other networks one by one', () => {
    expect(addressesOutside(network, ['10.9.0.4', '10.0.0.7', '10.8.0.4'])).toEqual(['10.8.0.4', '10.9.0.4']);
  });
});

describe('the resolvers of a node', () => {
  const servers = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];

  it('are all servers in their order, begun anywhere, three at most', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 4 }), (name, count) => {
        const some = servers.slice(0, count);
        const order = resolverOrder(name, some);
        expect(order).toHaveLength(Math.min(count, 3));
        expect(order).toEqual(resolverOrder(name, some));
        for (const [index, one] of order.entries())
          if (index > 0) expect(one).toBe(some[(some.indexOf(order[index - 1] ?? '') + 1) % count]);
      }),
    );
  });

  it('begin with each server on about as many nodes', () => {
    const first = Array.from({ length: 300 }, (_, index) => resolverOrder(`n${index}`, servers)[0]);
    for (const server of servers) expect(first.filter((one) => one === server).length).toBeGreaterThan(50);
  });

  it('keep the domains in which the host looked before, each once', () => {
    const wanted = { servers: ['10.0.0.2', '10.0.0.1'], domain: 'cluster.lan', searched: ['cluster.lan', 'lan'] };
    expect(resolvConf(wanted).content).toMatch(
      /\nsearch cluster\.lan lan\nnameserver 10\.0\.0\.2\nnameserver 10\.0\.0\.1\noptions timeout:1 attempts:2\n$/u,
    );
    expect(resolvConf({ ...wanted, domain: undefined, searched: [] }).content).not.toContain('search');
    expect(resolvedSettings({ ...wanted, domain: undefined }).content).toMatch(/\[Resolve\]\nDNS=10\.0\.0\.2 10\.0\.0\.1\nDomains=~\.\n$/u);
  });
});
