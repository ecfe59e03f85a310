import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { hostState } from './host-state.ts';
import { chosenPackages, packageFolder } from '../src/package-folder.ts';

const lab = openLab({ name: `network-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
const names = ['node1', 'node2', 'node3'];
const members = { node1: '10.77.1.1', node2: '10.77.1.2' } as const;
const before = new Map<string, string[]>();
const program = (name: string): string => readFileSync(join(import.meta.dirname, 'on-host', name), 'utf8');
const dhcpClient = program('dhcp-client.py');
const dnsClient = program('ask-dns.py');
let packages: Awaited<ReturnType<typeof chosenPackages>> | undefined;

/** chrony, dnsmasq, and what the hosts lack for them. */
const wanted = /^(?:chrony|dnsmasq-base|libnetfilter-conntrack3|libnfnetlink0)_/u;

beforeAll(async () => {
  await lab.down();
  await lab.up(3);
  packages = await chosenPackages(lab, ['chrony', 'dnsmasq-base'], wanted);
  await keepTimeByTimesyncd('node3');
  for (const name of names) before.set(name, await hostState(cluster, name));
  cluster.setVariables(
    [
      `muster_packages=${packages.folder}`,
      'muster_ntp=yes',
      'muster_dns=yes',
      'muster_dhcp=yes',
      'muster_tftp=yes',
      'muster_domain=cluster.test',
      'muster_dhcp_range=10.77.9.100-10.77.9.120,2m',
      'muster_boot_file=http://{server}/boot.ipxe',
      'muster_node_resolvers=yes',
      // A PostgreSQL of the user's: there is no primary for the range to follow (netboot.e2e.test.ts has one), and no phase here asks for it.
      'muster_database_url=postgresql://muster@db.invalid/muster',
      '[management]\nnode1\nnode2',
      '[known]\nnode3',
      '[known:vars]\nmuster_mac=02:77:00:00:00:03',
    ].join('\n'),
  );
});

afterAll(async () => {
  await lab.down();
  packages?.remove();
});

/** As most machines with Debian are: systemd-timesyncd, which cannot be beside chrony, and a source that has it. */
async function keepTimeByTimesyncd(host: string): Promise<void> {
  const debs = await packageFolder(lab, ['systemd-timesyncd']);
  const name = readdirSync(debs).find((one) => one.startsWith('systemd-timesyncd_'));
  if (name === undefined) throw new Error(`there is no systemd-timesyncd in ${debs}`);
  const deb = readFileSync(join(debs, name)).toString('base64');
  await cluster.on(
    host,
    `set -e
mkdir -p /srv/debs; cd /srv/debs
base64 -d > timesyncd.deb <<'END'
${deb}
END
dpkg-deb -f timesyncd.deb > Packages
printf 'Filename: ./timesyncd.deb\\nSize: %s\\nSHA256: %s\\n' "$(stat -c %s timesyncd.deb)" "$(sha256sum < timesyncd.deb | cut -d' ' -f1)" >> Packages
echo 'deb [trusted=yes] file:/srv/debs ./' > /etc/apt/sources.list.d/own.list
: > /etc/apt/sources.list
apt-get -q update >/dev/null
DEBIAN_FRONTEND=noninteractive apt-get -q --yes install systemd-timesyncd >/dev/null`,
  );
}

const only = ['--only', 'ntp,dnsmasq,resolvers'];
const off = ['muster_dns', 'muster_dhcp', 'muster_tftp', 'muster_node_resolvers'].flatMap((name) => ['-e', `${name}=no`]);
const startTimes = () =>
  Promise.all(names.map((name) => cluster.on(name, 'systemctl show -p ExecMainStartTimestampMonotonic chrony muster-dnsmasq')));

/** What DHCP gives to a card, asked for from node3; empty where nobody gives anything. */
async function given(mac: string, seconds = 20): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await lab.run('node3', ['python3', '-', mac, String(seconds)], { input: dhcpClient });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function asked(server: string, question: string): Promise<string> {
  const { stdout, stderr } = await lab.run('node3', ['python3', '-', server, question], { input: dnsClient });
  return `${stdout}${stderr}`.trim();
}

const known = '02:77:00:00:00:03';

/** The tests stand in the order of a cluster's life and build on each other. */
describe('the services of the network', () => {
  it('are refused as a whole where an address is in the range, before any host is touched', async () => {
    const seen = await cluster.operator('apply', ...only, '-e', 'muster_dhcp_range=10.77.1.3-10.77.1.20');
    expect(seen.code).not.toBe(0);
    expect(seen.stderr).toContain('node3 has the address 10.77.1.3, which is in the dynamic range 10.77.1.3-10.77.1.20');
    const outside = await cluster.operator('apply', ...only, '-e', 'muster_dhcp_range=10.79.1.3-10.79.1.20', '--skip', 'ntp');
    expect(outside.stdout + outside.stderr).toContain('is not in the network 10.77.0.0/16 of its interface eth0');
    expect(await cluster.on('node1', 'ls /etc/muster /var/lib/muster-provision 2>&1 || true')).toMatch(/No such file/u);
  });

  it('come up on both members, and the node follows them', async () => {
    const { code, finished } = await cluster.applyJson(...only);
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 3, failed: 0, failures: [] });
    const sources = await cluster.on('node3', 'chronyc -n sources');
    for (const address of Object.values(members)) expect(sources).toContain(address);
    await expect
      .poll(() => cluster.on('node3', 'chronyc -n tracking'), { timeout: 60_000, interval: 1000 })
      .toMatch(/Leap status +: Normal/u);
  });

  it('are left alone by a second run', async () => {
    const times = await startTimes();
    const { code, finished } = await cluster.applyJson(...only);
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
    expect(await startTimes()).toEqual(times);
  });

  it.each(Object.values(members))('answer for names and addresses at %s', async (server) => {
    expect(await asked(server, 'node3.cluster.test')).toBe('10.77.1.3');
    expect(await asked(server, 'node3')).toBe('10.77.1.3');
    expect(await asked(server, '10.77.1.2')).toBe('node2.cluster.test');
    expect(await asked(server, 'nobody.cluster.test')).toBe('no such name');
    // Another name is asked of whom the member itself asks: the DNS of the lab.
    expect(await asked(server, 'node1.lab')).toBe('10.77.1.1');
  });

  it('give a known card its own address each time while both live, and a stranger one of the range', async () => {
    for (let times = 0; times < 3; times++) {
      expect(await given(known)).toEqual({
        address: '10.77.1.3',
        server: members.node1,
        next: members.node1,
        boot: 'http://10.77.1.1/boot.ipxe',
        resolvers: [members.node1, members.node2],
        routers: [],
        times: [members.node1, members.node2],
        domain: 'cluster.test',
      });
    }
    expect(String((await given('02:77:00:00:99:99'))['address'])).toMatch(/^10\.77\.9\.1[012]\d$/u);
  });

  it.each(['node1', 'node2'] as const)('give it its own address, names and boot file while %s is dead', async (dead) => {
    await cluster.on(
      dead,
      'systemctl mask --runtime --quiet muster-dnsmasq 2>/dev/null; systemctl kill -s KILL muster-dnsmasq; systemctl stop muster-dnsmasq',
    );
    const living = dead === 'node1' ? 'node2' : 'node1';
    expect(await given(known)).toMatchObject({ address: '10.77.1.3', server: members[living], next: members[living] });
    // Only the holder of the range has addresses for strangers.
    expect(await given('02:77:00:00:99:98', dead === 'node1' ? 5 : 20)).toEqual(
      dead === 'node1' ? {} : expect.objectContaining({ server: members.node1 }),
    );
    expect(await cluster.on('node3', 'getent -s dns ahostsv4 node2.cluster.test | head -n 1')).toContain('10.77.1.2');
    await cluster.on(living, 'echo hello > /srv/tftp/hello');
    expect(await cluster.on('node3', `curl -sS --max-time 20 tftp://${members[living]}/hello`)).toBe('hello');
    await cluster.on(living, 'rm /srv/tftp/hello');
    await cluster.on(dead, 'systemctl unmask --runtime --quiet muster-dnsmasq; systemctl start muster-dnsmasq');
  });

  it('keep their leases when settings change, and read a new machine without a restart', async () => {
    const leases = await cluster.on('node1', 'cut -d" " -f2,3 /var/lib/muster-dnsmasq/leases | sort');
    expect(leases).toContain('02:77:00:00:99:99');
    const changed = await cluster.applyJson(...only, '-e', 'muster_dhcp_router=10.77.0.1');
    expect({ code: changed.code, ...changed.finished }).toMatchObject({ code: 0, changed: 2 });
    expect(await cluster.on('node1', 'cut -d" " -f2,3 /var/lib/muster-dnsmasq/leases | sort')).toBe(leases);
    const times = await startTimes();
    // A second card, and other time sources: neither needs a restart.
    const more = ['-e', 'muster_dhcp_router=10.77.0.1', '-e', 'muster_ntp_sources=10.77.0.1'];
    cluster.setVariables('[known:vars]\nmuster_mac=02:77:00:00:00:03,02:77:00:00:00:33');
    expect((await cluster.applyJson(...only, ...more)).finished).toMatchObject({ changed: 2, failed: 0 });
    expect(await cluster.on('node2', 'chronyc -n sources')).toContain('10.77.0.1');
    expect(await startTimes()).toEqual(times);
    expect(await given('02:77:00:00:00:33')).toMatchObject({ address: '10.77.1.3', routers: ['10.77.0.1'] });
  });

  it('give an exchanged card the address although the lease of the old one still runs', async () => {
    cluster.setVariables('[known:vars]\nmuster_mac=02:77:00:00:00:44');
    expect((await cluster.applyJson(...only)).finished).toMatchObject({ changed: 2, failed: 0 });
    expect(await given('02:77:00:00:00:44')).toMatchObject({ address: '10.77.1.3' });
  });

  it('leave a file alone that somebody has changed, and replace it when they are told', async () => {
    const path = '/etc/muster/dnsmasq/dnsmasq.conf';
    await cluster.on('node1', `echo cache-size=1000 >> ${path}`);
    const { code, finished } = await cluster.applyJson(...only);
    expect({ code, ...finished }).toMatchObject({ code: 1, failed: 1 });
    expect(JSON.stringify(finished)).toContain(`${path} on node1 was changed by hand since a run wrote it`);
    expect((await cluster.applyJson(...only, '-e', 'muster_network_overwrite=yes')).code).toBe(0);
    expect(await cluster.on('node1', `grep -c cache-size ${path} || true`)).toBe('0');
  });

  it('are gone where they are switched off', async () => {
    const { code, finished } = await cluster.applyJson(...only, ...off);
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 3, failed: 0 });
    for (const host of Object.keys(members))
      expect(
        await cluster.on(
          host,
          'systemctl is-active muster-dnsmasq; ls /etc/muster/dnsmasq 2>/dev/null; ss -Hlnu "sport = :53 or sport = :67"; true',
        ),
      ).toBe('inactive');
    expect(await cluster.on('node3', 'cat /etc/resolv.conf')).toBe('nameserver 10.77.0.1\nsearch lab');
    expect((await cluster.applyJson(...only, ...off)).finished).toMatchObject({ changed: 0, failed: 0 });
  });

  it('come back, and are taken away with everything else: hosts are as they were before', async () => {
    expect((await cluster.applyJson(...only)).code).toBe(0);
    const reset = await cluster.operator('reset', '--yes');
    expect(reset).toMatchObject({ code: 0 });
    for (const name of names) expect(await hostState(cluster, name)).toEqual(before.get(name));
    expect((await cluster.operator('reset', '--yes')).stdout).toContain('3 hosts: nothing changed');
  });
});
