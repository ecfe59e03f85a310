import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { clusterOf } from '../host/cluster.ts';
import { formatIp4, isHostOf, netmaskText, networkAround, networkText, parseIp4 } from './ip4.ts';
import { rangeHoldOf } from './members.ts';
import { clusterRange, conflictsOf, networkNodes, rangeOf, requireNetwork, timeSourcesOf } from './wanted-network.ts';

const base = `
[management]
m1 ansible_host=10.0.0.1
m2 ansible_host=10.0.0.2
[witness]
w1 ansible_host=10.0.0.3
`;
const hostsOf = (variables: string, more = '') => clusterOf(inventoryOf(`${base}${more}\n[all:vars]\n${variables}\n`)).hosts;
const check =
  (variables: string, more = '') =>
  () =>
    requireNetwork(hostsOf(variables, more));
const all = 'muster_dns=yes\nmuster_dhcp=yes\nmuster_dhcp_range=10.0.0.100-10.0.0.200';

describe('addresses', () => {
  const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });

  it('are written as they are read', () => {
    fc.assert(fc.property(address, (one) => parseIp4(formatIp4(one)) === one));
  });

  it('are hosts of the network around them, unless they are its first or last one', () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 1, max: 30 }), (one, length) => {
        const network = networkAround(one, length);
        expect(isHostOf(network, one)).toBe(one !== network.base && one !== network.broadcast);
        expect(isHostOf(network, network.broadcast + 1)).toBe(false);
        expect(isHostOf(network, network.base - 1)).toBe(false);
      }),
    );
  });

  it.each(['', '10.0.0', '10.0.0.256', '10.0.0.1/8', 'm1', '::1', ' 10.0.0.1'])('%j is none', (text) => {
    expect(parseIp4(text)).toBeUndefined();
  });

  it('have networks with a mask', () => {
    const network = networkAround(parseIp4('10.77.1.9') ?? 0, 20);
    expect([networkText(network), netmaskText(network)]).toEqual(['10.77.0.0/20', '255.255.240.0']);
  });
});

describe('the dynamic range', () => {
  const [host] = hostsOf('muster_dhcp_range=10.0.0.100 - 10.0.0.200 , 30m');

  it('is two addresses, and how long they are lent', () => {
    expect(rangeOf(host!)).toEqual({ first: parseIp4('10.0.0.100'), last: parseIp4('10.0.0.200'), leaseTime: '30m' });
    expect(rangeOf(hostsOf('muster_dhcp_range=10.0.0.9-10.0.0.9')[0]!)).toMatchObject({ leaseTime: '12h' });
  });

  it.each(['10.0.0.100', '10.0.0.200-10.0.0.100', '10.0.0.1-10.0.0.300', '10.0.0.1-10.0.0.9,soon', '10.0.0.1-10.0.0.9,1h,static'])(
    'is not %j',
    (text) => {
      expect(check(`muster_dhcp_range="${text}"`)).toThrow(/m1: muster_dhcp_range is ".*": write it as 10\.0\.0\.100-10\.0\.0\.200/u);
    },
  );

  const holds = (text: string): string[] => {
    const { hosts } = clusterOf(inventoryOf(text));
    return hosts.filter(({ roles }) => roles.includes('driver')).map((host) => rangeHoldOf(host, hosts));
  };

  it('follows the primary in a pool, where every member that may be the primary gives DHCP', () => {
    expect(holds(`${base}[all:vars]\n${all}\n`)).toEqual(['follows', 'follows']);
    const some = base.replace('m2 ansible_host=10.0.0.2', 'm2 ansible_host=10.0.0.2 muster_dhcp=no\nm3 ansible_host=10.0.0.4');
    expect(holds(`${some.replace(/\[witness\][^]*/u, '')}[all:vars]\n${all}\n`)).toEqual(['holder', 'second', 'second']);
  });

  it('is that of the first server where there is no primary to follow', () => {
    expect(holds(`[driver]\nm1 ansible_host=10.0.0.1\n[all:vars]\n${all}\n`)).toEqual(['holder']);
    const own = base.replace(/\[witness\][^]*/u, '');
    expect(holds(`${own}[all:vars]\n${all}\nmuster_database_url=postgresql://muster@db/muster\n`)).toEqual(['holder', 'second']);
  });

  it('is one for all servers', () => {
    const hosts = hostsOf(all);
    expect(clusterRange(hosts)).toEqual(rangeOf(hosts[0]!));
    expect(check(all, '[management:vars]\n').call(undefined)).toBeUndefined();
    expect(() =>
      requireNetwork(
        clusterOf(inventoryOf(`${base.replace('10.0.0.2', '10.0.0.2 muster_dhcp_range=10.0.0.50-10.0.0.60')}[all:vars]\n${all}\n`)).hosts,
      ),
    ).toThrow(/m2: muster_dhcp_range is not that of m1: set it once, for the whole group/u);
  });
});

describe('conflicts', () => {
  const node = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    address: fc.integer({ min: 1, max: 12 }).map((last) => `10.0.0.${last}`),
    macs: fc.array(fc.constantFrom('52:54:00:00:00:01', '52:54:00:00:00:02', '52:54:00:00:00:03'), { maxLength: 1 }),
  });
  const nodes = fc.uniqueArray(node, { selector: ({ name }) => name, maxLength: 5 });
  const range = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 5 })).map(([from, more]) => ({
    first: (parseIp4('10.0.0.0') ?? 0) + from,
    last: (parseIp4('10.0.0.0') ?? 0) + from + more,
    leaseTime: '12h',
  }));

  it('there are exactly where two share an address or a card, or one is in the range', () => {
    fc.assert(
      fc.property(nodes, fc.option(range, { nil: undefined }), (machines, dynamic) => {
        const addresses = machines.map(({ address }) => address);
        const macs = machines.flatMap((one) => one.macs);
        const isShared = new Set(addresses).size < addresses.length || new Set(macs).size < macs.length;
        const isInside = addresses.some((text) => {
          const at = parseIp4(text) ?? 0;
          return dynamic !== undefined && at >= dynamic.first && at <= dynamic.last;
        });
        expect(conflictsOf(machines, dynamic).length > 0).toBe(isShared || isInside);
      }),
    );
  });

  it('are told all at once', () => {
    const more = '[worker]\nn1 ansible_host=10.0.0.2 mac=52-54-00-AA-00-01\nn2 ansible_host=10.0.0.120 muster_mac=52:54:00:aa:00:01\n';
    expect(check(all, more)).toThrow(
      'm2 and n1 have the same address 10.0.0.2; n1 and n2 have the same mac 52:54:00:aa:00:01; n2 has the address 10.0.0.120, which is in the dynamic range 10.0.0.100-10.0.0.200',
    );
  });
});

describe('what the inventory says of the network', () => {
  it('is the machines with address and cards, by name', () => {
    const hosts = hostsOf(
      all,
      '[worker]\na1 ansible_host=frontdoor muster_address=10.0.0.9 muster_mac=52:54:00:00:00:01,52:54:00:00:00:02 mac=nonsense',
    );
    expect(networkNodes(hosts)).toEqual([
      { name: 'a1', address: '10.0.0.9', macs: ['52:54:00:00:00:01', '52:54:00:00:00:02'] },
      { name: 'm1', address: '10.0.0.1', macs: [] },
      { name: 'm2', address: '10.0.0.2', macs: [] },
      { name: 'w1', address: '10.0.0.3', macs: [] },
    ]);
  });

  it('is not asked for what is off', () => {
    expect(check('muster_dhcp_range=10.0.0.1-10.0.0.9\nmac=nonsense', '[worker]\nn1 ansible_host=frontdoor')).not.toThrow();
  });

  it.each([
    ['muster_ntp=perhaps', 'm1: muster_ntp is "perhaps": write yes or no'],
    ['muster_node_resolvers=maybe', 'muster_node_resolvers is "maybe"'],
    ['muster_node_resolvers=yes', 'w1: muster_node_resolvers is yes, and no management server gives that: set muster_dns=yes'],
    ['muster_domain=cluster..lan', 'muster_domain is "cluster..lan"'],
    ['muster_domain="a b"', 'muster_domain is "a b"'],
    ['muster_tftp_root=srv', 'muster_tftp_root is "srv": write it as /srv/tftp'],
    ['muster_tftp_root=/srv/../etc', 'muster_tftp_root is'],
    ['muster_boot_file="a,b"', 'muster_boot_file is "a,b"'],
    ['muster_dhcp_router=gate', 'muster_dhcp_router is "gate", and no IPv4 address'],
    ['muster_ntp_sources="a b"', 'muster_ntp_sources names "a b"'],
  ])('%s is refused', (variables, reason) => {
    expect(check(variables)).toThrow(reason);
  });

  it.each([
    ['[worker]\nn1 ansible_host=frontdoor', 'n1 has no IPv4 address in the inventory'],
    ['[worker]\nn1 ansible_host=127.0.0.1', 'n1 has no IPv4 address in the inventory'],
    ['[worker]\nn1 ansible_host=10.0.0.9 muster_mac=5254', 'n1: muster_mac is "5254": write it as 52:54:00:12:34:56'],
    ['[worker]\nn1 ansible_host=10.0.0.9 mac=5254', 'n1: mac is "5254"'],
  ])('%s is refused where DNS or DHCP is on', (more, reason) => {
    expect(check('muster_dns=yes', more)).toThrow(reason);
  });

  it('may name pools and IPv6 addresses as time sources', () => {
    expect(timeSourcesOf(hostsOf('muster_ntp_sources=pool:a.b,fd00::1,10.0.0.1')[0]!)).toEqual(['pool:a.b', 'fd00::1', '10.0.0.1']);
  });

  it('lets nodes follow only members that give the time', () => {
    expect(() => requireNetwork(clusterOf(inventoryOf(base.replace('10.0.0.3', '10.0.0.3 muster_ntp=yes'))).hosts)).toThrow(
      'w1: muster_ntp is yes, and no management server gives that: set muster_ntp=yes for [management]',
    );
  });
});
