import { describe, expect, it } from 'vitest';
import { readFirewall } from './look.ts';

const zone = (name: string, lines: readonly string[]) => [name, '  target: default', ...lines, '  forward: yes'];
const prefixed = (prefix: string, lines: readonly string[]) => lines.map((line) => `${prefix}=${line}\n`).join('');
const rich = (family: string, source: string) =>
  `\trule family="${family}" source address="${source}" port port="6818" protocol="tcp" accept`;

describe('what a look at a firewall prints', () => {
  it('is nothing on a host without one', () => {
    expect(readFirewall('')).toEqual({
      active: [],
      rules: new Map(),
      notes: [],
      zones: new Map(),
      defaultZone: '',
      hasIpv6: false,
      hasKeptZones: false,
    });
  });

  it('has the rules of ufw that are of the kinds which a run adds, and whose they are', () => {
    const seen = readFirewall(
      `active=ufw\nipv6=yes\n${prefixed('added', [
        "Added user rules (see 'ufw status' for running firewall):",
        'ufw allow 22/tcp',
        "ufw allow from 10.0.0.11 to any port 7421 proto tcp comment 'muster'",
        "ufw allow from 10.0.0.12 to any port 7421 proto tcp comment 'of the muster, mine'",
        'ufw allow from fd00::11 to any port 8472 proto udp',
        "ufw allow from 10.42.0.0/16 comment 'muster'",
        'ufw deny from 10.0.0.13 to any port 7421 proto tcp',
        'ufw limit 80/tcp',
        'ufw allow in on eth0 from 10.0.0.14 to any port 99 proto tcp',
        'ufw allow OpenSSH',
      ])}`,
    );
    expect([seen.active, seen.hasIpv6]).toEqual([['ufw'], true]);
    expect([...seen.rules].map(([name, { isMarked }]) => `${name} ${isMarked}`)).toEqual([
      'ufw - tcp 22 any false',
      'ufw - tcp 7421 10.0.0.11 true',
      'ufw - tcp 7421 10.0.0.12 false',
      'ufw - udp 8472 fd00::11 false',
      'ufw - any any 10.42.0.0/16 true',
    ]);
  });

  it('has the zones of firewalld, and what of a rule runs and what is kept', () => {
    const cluster = zone('public (active)', [
      '  interfaces: eth0 eth1',
      '  sources: ',
      '  ports: 443/tcp 53/udp',
      '  rich rules: ',
      rich('ipv4', '10.0.0.10'),
      rich('ipv6', 'fd00::10'),
      '\trule family="ipv4" source address="10.0.0.9" drop',
    ]);
    const trusted = zone('trusted (active)', ['  interfaces: ', '  sources: 10.42.0.0/16 10.0.9.1', '  ports: ', '  rich rules: ']);
    const seen = readFirewall(
      `active=firewalld\ndefault=public\n${prefixed('runtime', [...cluster, '', ...trusted, ''])}${prefixed('permanent', ['', ...zone('public', ['  ports: 443/tcp'])])}`,
    );
    expect([seen.active, seen.defaultZone]).toEqual([['firewalld'], 'public']);
    expect(seen.zones.get('public')?.interfaces).toEqual(['eth0', 'eth1']);
    expect(seen.zones.get('trusted')?.sources).toEqual(['10.42.0.0/16', '10.0.9.1']);
    expect([...seen.rules.keys()]).toEqual([
      'runtime public tcp 443 any',
      'runtime public udp 53 any',
      'runtime public tcp 6818 10.0.0.10',
      'runtime public tcp 6818 fd00::10',
      'runtime trusted any any 10.42.0.0/16',
      'runtime trusted any any 10.0.9.1',
      'permanent public tcp 443 any',
    ]);
  });

  it('has the notes, whatever a host is called', () => {
    const seen = readFirewall('note=ufw - tcp 7421 10.0.0.11 web 1\nnote=permanent trusted any any 10.42.0.0/16 -\nkept=yes\n');
    expect(seen.notes).toEqual([
      { kind: 'ufw', zone: '-', protocol: 'tcp', port: 7421, source: '10.0.0.11', owner: 'web 1' },
      { kind: 'permanent', zone: 'trusted', protocol: 'any', port: 'any', source: '10.42.0.0/16', owner: '-' },
    ]);
    expect(seen.hasKeptZones).toBe(true);
  });

  it.each(['ufw - tcp 7421', 'iptables - tcp 7421 10.0.0.11 web1', 'ufw - tcp $(id) 10.0.0.11 web1', ''])(
    'is refused with the line that nobody can have noted: "%s"',
    (line) => {
      expect(() => readFirewall(`note=${line}\n`)).toThrow(`The line "${line}" of /var/lib/muster-provision/firewall is none that a run`);
    },
  );
});
