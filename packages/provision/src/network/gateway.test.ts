import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, inventoryOf, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakeNetwork, networkInventory } from '../../test/fake-network.ts';
import { apply, clusterOf, phasesFor } from '../index.ts';
import { gatewayFiles, gatewayPaths } from './gateway-files.ts';
import { parseIp4 } from './ip4.ts';
import { clusterGateway, gatewayMembers } from './wanted-gateway.ts';
import { requireNetwork } from './wanted-network.ts';

const phases = phasesFor({ only: ['dnsmasq,gateway'] });
const inventory = `${networkInventory}muster_gateway_address=10.0.0.254/24\n`;
const hostsOf = (text: string) => clusterOf(inventoryOf(text)).hosts;

let fixture: ClusterFixture;
let network: ReadonlyMap<string, FakeNetwork>;
beforeEach(() => {
  fixture = new ClusterFixture(inventory);
  network = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeNetwork(host)]));
});

async function applied(text = inventory) {
  const report = new KeptReport();
  for (const host of fixture.hosts.values()) host.forget();
  const result = await apply(fixture.options({ phases, cluster: clusterOf(inventoryOf(text)) }), report);
  const told = (name: string) =>
    report.outcomes
      .filter(({ host, phase }) => host === name && phase === 'gateway')
      .flatMap(({ changes }) => changes.map(({ what }) => what));
  return { result, told };
}
const fileOf = (name: string, path: string): string => fixture.host(name).files.get(path) ?? '';

describe('the address of the way out, as the inventory has it', () => {
  it('is the same for all members, and for nobody else', () => {
    const hosts = hostsOf(inventory);
    expect(clusterGateway(hosts)).toEqual({ text: '10.0.0.254', address: parseIp4('10.0.0.254'), prefixLength: 24 });
    expect(gatewayMembers(hosts).map(({ name }) => name)).toEqual(['m1', 'm2']);
    expect(clusterGateway(hostsOf(networkInventory))).toBeUndefined();
  });

  it.each([
    ['10.0.0.254', /muster_gateway_address is "10\.0\.0\.254": write it as 10\.0\.0\.254\/24, or no/u],
    ['10.0.0.254/31', /write it as/u],
    ['10.0.0.2/24', /m2 and muster_gateway_address have the same address 10\.0\.0\.2/u],
    ['10.0.0.150/24', /muster_gateway_address has the address 10\.0\.0\.150, which is in the dynamic range/u],
  ])('is refused as %s', (value, reason) => {
    expect(() => requireNetwork(hostsOf(inventory.replace('10.0.0.254/24', value)))).toThrow(reason);
  });

  it('is refused where members are told different ones', () => {
    const text = inventory.replace('10.0.0.2\n', '10.0.0.2 muster_gateway_address=10.0.0.253/24\n');
    expect(() => requireNetwork(hostsOf(text))).toThrow(/m2: muster_gateway_address is not that of m1/u);
  });
});

describe('keepalived in a run', () => {
  it('is on the members, which ask each other by their addresses, and DHCP tells of the address', async () => {
    const { result, told } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(told('m1')).toEqual([
      'install keepalived',
      `write ${gatewayPaths.settings}`,
      `write ${gatewayPaths.check}`,
      `write ${gatewayPaths.unit}`,
      'start muster-gateway.service',
    ]);
    expect(fileOf('m1', gatewayPaths.settings)).toContain('unicast_src_ip 10.0.0.1\n  unicast_peer {\n    10.0.0.2\n  }\n');
    expect(fileOf('m2', gatewayPaths.settings)).toContain('unicast_src_ip 10.0.0.2\n  unicast_peer {\n    10.0.0.1\n  }\n');
    expect(fileOf('m2', gatewayPaths.settings)).toContain('    10.0.0.254/24 dev eth0\n');
    expect(fileOf('w1', gatewayPaths.settings)).toBe('');
    expect(fileOf('m1', '/etc/muster/dnsmasq/dnsmasq.conf')).toContain('dhcp-option=option:router,10.0.0.254\n');
  });

  it('is left alone by a second run, and reads other peers anew without letting the address go', async () => {
    await applied();
    expect((await applied()).told('m1')).toEqual([]);
    network.get('m1')!.done.length = 0;
    const { told } = await applied(inventory.replace('m2 ansible_host=10.0.0.2', 'm2 ansible_host=10.0.0.2 muster_address=10.0.0.22'));
    expect(told('m1')).toEqual([`change ${gatewayPaths.settings}`, 'reload muster-gateway.service']);
    network.get('m1')!.owed.set('muster-gateway.service', 'restart');
    expect(
      (await applied(inventory.replace('m2 ansible_host=10.0.0.2', 'm2 ansible_host=10.0.0.2 muster_address=10.0.0.22'))).told('m1'),
    ).toEqual(['restart muster-gateway.service']);
  });

  it('is restarted for another address, because its unit takes that away', async () => {
    await applied();
    expect((await applied(inventory.replace('10.0.0.254', '10.0.0.253'))).told('m1')).toEqual([
      `change ${gatewayPaths.settings}`,
      `change ${gatewayPaths.unit}`,
      'restart muster-gateway.service',
    ]);
  });

  it('is taken away where it is off, unless somebody has changed its settings', async () => {
    await applied();
    const off = inventory.replace('10.0.0.254/24', 'no');
    fixture.host('m2').files.set(gatewayPaths.check, `${fileOf('m2', gatewayPaths.check)}exit 1\n`);
    const { told, result } = await applied(off);
    expect(told('m1')).toEqual(['stop and remove muster-gateway.service and its settings']);
    expect(result.failures.get('m2')?.message).toContain(`${gatewayPaths.check} on m2 was changed by hand`);
    expect((await applied(off)).told('m1')).toEqual([]);
  });

  it('is refused by a member whose interface is in another network', async () => {
    const { result } = await applied(inventory.replace('10.0.0.254/24', '10.0.1.254/24'));
    expect(result.failures.get('m1')?.message).toContain(
      'muster_gateway_address 10.0.1.254/24 is not of the network 10.0.0.0/24 of its interface eth0',
    );
  });

  it('has scripts that a POSIX shell takes', async () => {
    await applied();
    const scripts = [...fixture.host('m1').sent];
    await applied(inventory.replace('10.0.0.254/24', 'no'));
    scripts.push(...fixture.host('m1').sent);
    for (const { label, script } of scripts) expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });

  it('numbers its router by the address, from 1 to 255', () => {
    const idOf = (text: string) => {
      const files = gatewayFiles({
        interface: 'eth0',
        address: '10.0.0.1',
        peers: [],
        gateway: { text, address: parseIp4(text) ?? 0, prefixLength: 16 },
      });
      return /virtual_router_id (?<id>\d+)/u.exec(files[0]?.content ?? '')?.groups?.['id'];
    };
    expect([idOf('10.0.0.254'), idOf('10.0.1.0')]).toEqual(['254', '255']);
  });
});
