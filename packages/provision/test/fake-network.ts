import { createHash } from 'node:crypto';
import type { FakeHost, Sent } from './fake-host.ts';

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

const chrony = ['/etc/chrony/chrony.conf', '/etc/chrony/sources.d/muster.sources', '/etc/systemd/system/chrony.service.d/muster.conf'];
const dnsmasq = [
  ...['dnsmasq.conf', 'hosts', 'reservations', 'holder.conf', 'second.conf'].map((name) => `/etc/muster/dnsmasq/${name}`),
  '/etc/systemd/system/muster-dnsmasq.service',
];
const gateway = [
  ...['keepalived.conf', 'check'].map((name) => `/etc/muster/gateway/${name}`),
  '/etc/systemd/system/muster-gateway.service',
];
const range = ['/etc/muster/dnsmasq/follow-primary', '/etc/systemd/system/muster-dhcp-range.service'];
const netboot = [...['scripts', 'unfold'].map((name) => `/etc/muster/netboot/${name}`), '/etc/systemd/system/muster-netboot.service'];
const kernels = '/var/lib/muster-netboot/';
const resolvers = ['/etc/resolv.conf', '/etc/systemd/resolved.conf.d/muster.conf'];

/** Three machines: two members of a pool with a witness, all services on. */
export const networkInventory = `
[management]
m1 ansible_host=10.0.0.1
m2 ansible_host=10.0.0.2
[witness]
w1 ansible_host=10.0.0.3 muster_mac=52:54:00:00:00:03
[all:vars]
muster_ntp=yes
muster_ntp_sources=ntp.example.org,pool:pool.example.org
muster_dns=yes
muster_domain=cluster.lan
muster_dhcp=yes
muster_dhcp_range=10.0.0.100-10.0.0.200
muster_tftp=yes
muster_node_resolvers=yes
`;

/** chrony, dnsmasq and the resolvers of a fake host, as far as a run can see and change them. */
export class FakeNetwork {
  readonly installed = new Set<string>();
  /** Units whose restart or reload is owed. */
  readonly owed = new Map<string, 'restart' | 'reload'>();
  /** How often a unit was restarted and reloaded. */
  readonly done: string[] = [];
  /** Files that a run has noted. */
  readonly noted = new Set<string>();
  setsClock = true;
  hasTftpRoot = false;
  hasLoaders = false;
  way = 'plain';
  readonly #host: FakeHost;

  constructor(host: FakeHost) {
    this.#host = host;
    host.facts = host.facts.replaceAll(/^(address=eth0 10\.[\d.]+)$/gmu, '$1 24');
    host.files.set('/etc/resolv.conf', 'search lan\nnameserver 9.9.9.9\n');
    host.more.push((sent) => this.#answer(sent));
  }

  #answer({ label, script }: Sent): string | undefined {
    const start = /^start (?<unit>(?:chrony|muster-dnsmasq|muster-dhcp-range|muster-netboot|muster-gateway)\.service)$/u.exec(label)
      ?.groups?.['unit'];
    if (start !== undefined) return this.#start(start, script);
    return this.#steps.get(label)?.(script);
  }

  readonly #steps = new Map<string, (script: string) => string>([
    [
      'look at chrony',
      () =>
        this.#look('chrony', 'chrony.service', chrony) +
        (this.setsClock ? 'clock=yes\n' : '') +
        (this.noted.has(chrony[0] ?? '') ? 'noted=yes\n' : ''),
    ],
    ['look at dnsmasq', () => this.#look('dnsmasq-base', 'muster-dnsmasq.service', dnsmasq) + (this.hasTftpRoot ? 'tftp=yes\n' : '')],
    ['look at the boot server', () => this.#lookAtNetboot()],
    ['install busybox, ipxe', () => this.#install('busybox') + this.#install('ipxe')],
    ['make /etc/muster/netboot', (script) => this.#linkLoaders(script)],
    ['take old kernels away', (script) => this.#remove(script)],
    ['write the settings of the boot server', (script) => this.#place('muster-netboot.service', script)],
    ['fetch the boot script', () => ''],
    ['take the boot server away', () => this.#takeAway('muster-netboot.service', netboot)],
    ['look at the dynamic range', () => this.#look('python3', 'muster-dhcp-range.service', range)],
    ['install python3', () => this.#install('python3')],
    ['write the settings of the dynamic range', (script) => this.#place('muster-dhcp-range.service', script)],
    ['let the dynamic range follow nobody', () => this.#takeAway('muster-dhcp-range.service', range)],
    ['take old settings of dnsmasq away', (script) => this.#remove(script)],
    ['look at the resolvers', () => this.#lookAtResolvers()],
    ['look at keepalived', () => this.#look('keepalived', 'muster-gateway.service', gateway)],
    ['install keepalived', () => this.#install('keepalived')],
    ['write the settings of keepalived', (script) => this.#place('muster-gateway.service', script)],
    ['make /etc/muster/gateway', () => ''],
    ['look whether keepalived runs', () => ''],
    ['take keepalived away', () => this.#takeAway('muster-gateway.service', gateway)],
    ['install chrony', () => this.#install('chrony')],
    ['install dnsmasq-base', () => this.#install('dnsmasq-base')],
    ['note what chrony was before', () => this.#note(chrony)],
    ['write the settings of chrony', (script) => this.#place('chrony.service', script)],
    ['write the settings of dnsmasq', (script) => this.#place('muster-dnsmasq.service', script)],
    ['ask chrony whom it follows', () => ''],
    ['look whether dnsmasq listens', () => ''],
    ['drop leases of exchanged cards', () => ''],
    ['make /etc/muster/dnsmasq', (script) => this.#makeFolders(script)],
    ['take the settings of chrony away', () => this.#takeAway('chrony.service', chrony)],
    ['take dnsmasq away', () => this.#takeAway('muster-dnsmasq.service', dnsmasq)],
    ['note the resolvers', () => ''],
    ['write the resolvers', (script) => this.#place('resolvers', script)],
    ['ask the management servers for a name', () => ''],
    ['put the resolvers back', () => this.#putBack()],
  ]);

  #look(packageName: string, unit: string, paths: readonly string[]): string {
    const { active, enabled } = this.#host.services.get(unit) ?? { active: false, enabled: false };
    const owed = this.owed.get(unit);
    return [
      ...(this.installed.has(packageName) ? [] : [`missing=${packageName}`]),
      ...paths.map((path) => this.#fileLines(path)),
      `active=${active ? 'active' : 'inactive'}`,
      `enabled=${enabled ? 'enabled' : 'disabled'}`,
      `pending=${owed === 'restart' ? 'yes' : 'no'}`,
      ...(owed === 'reload' ? ['reload=yes'] : []),
      '',
    ].join('\n');
  }

  #fileLines(path: string): string {
    const content = this.#host.files.get(path);
    if (content === undefined) return `${path}=none\nstate:${path}=none`;
    const noted = /^# Written by .*: (?<digest>[\da-f]{64})$/mu.exec(content.split('\n')[0] ?? '')?.groups?.['digest'];
    const state = noted === undefined ? 'foreign' : noted === sha256(content.slice(content.indexOf('\n') + 1)) ? 'ours' : 'edited';
    return `${path}=${sha256(content)}\nstate:${path}=${state}`;
  }

  #lookAtNetboot(): string {
    const lying = [...this.#host.files].filter(([path]) => path.startsWith(kernels));
    const hashes = lying.map(([path, content]) => `kernel:${path.slice(kernels.length)}=${sha256(content)}\n`).join('');
    const missing = ['busybox', 'ipxe'].filter((name) => !this.installed.has(name)).map((name) => `missing=${name}\n`);
    const look = this.#look('ipxe', 'muster-netboot.service', netboot).replaceAll(/^missing=.*\n/gmu, '');
    return `${missing.join('')}${look}${hashes}loaders=${this.hasLoaders ? 'yes' : 'no'}\n`;
  }

  #linkLoaders(script: string): string {
    this.hasLoaders = script.includes("ln -sfn /usr/lib/ipxe/undionly.kpxe '/srv/tftp/muster/undionly.kpxe'");
    return this.#makeFolders(script);
  }

  #lookAtResolvers(): string {
    const noted = resolvers.filter((path) => this.noted.has(path)).map((path) => `noted:${path}\n`);
    const search = /^search (?<domains>.*)$/mu.exec(this.#host.files.get('/etc/resolv.conf') ?? '')?.groups?.['domains'] ?? '';
    return `${resolvers.map((path) => this.#fileLines(path)).join('\n')}\n${noted.join('')}way=${this.way}\nsearch=${search}\n`;
  }

  #install(name: string): string {
    this.installed.add(name);
    return '';
  }

  #note(paths: readonly string[]): string {
    for (const path of paths) this.noted.add(path);
    return '';
  }

  /** Renames what waits, as the script does after its check. */
  #place(unit: string, script: string): string {
    for (const [path, content] of this.#host.files) {
      if (!path.endsWith('.muster-new')) continue;
      this.#host.files.delete(path);
      this.#host.files.set(path.slice(0, -'.muster-new'.length), content);
      this.#note([path.slice(0, -'.muster-new'.length)]);
    }
    if (script.includes('muster-restart-pending')) this.owed.set(unit, 'restart');
    else if (script.includes('muster-reload-pending')) this.owed.set(unit, 'reload');
    return '';
  }

  #start(unit: string, script: string): string {
    const isRestart = script.includes('systemctl restart');
    this.done.push(`${isRestart ? 'restart' : 'reload'} ${unit}`);
    this.#host.services.set(unit, { active: true, enabled: true });
    this.owed.delete(unit);
    return '';
  }

  #remove(script: string): string {
    for (const path of this.#host.files.keys()) if (script.includes(`'${path}'`)) this.#host.files.delete(path);
    return '';
  }

  #makeFolders(script: string): string {
    if (script.includes("'/srv/tftp'")) this.hasTftpRoot = true;
    return '';
  }

  #takeAway(unit: string, paths: readonly string[]): string {
    this.#host.services.delete(unit);
    for (const path of paths) {
      this.#host.files.delete(path);
      this.noted.delete(path);
    }
    return '';
  }

  #putBack(): string {
    this.#host.files.set('/etc/resolv.conf', 'search lan\nnameserver 9.9.9.9\n');
    for (const path of resolvers) this.noted.delete(path);
    return '';
  }
}
