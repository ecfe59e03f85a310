import { firewallNotes, type Firewall, zoneNotes } from '../host/firewall-notes.ts';
import { ProvisionError } from '../provision-error.ts';
import type { Rule } from './rules.ts';

/** Where a rule stands: in ufw, or in a zone of firewalld, in what runs or in what is kept for the next start. */
export type Place = { readonly kind: 'ufw' | 'permanent' | 'runtime'; readonly zone: string };

/** A rule at its place, as the notes have it too. */
export type PlacedRule = Rule & Place;

/** A zone of firewalld: whose traffic it has. */
export type Zone = { readonly interfaces: readonly string[]; readonly sources: readonly string[] };

/** What a look at the firewalls of a host has found. */
export type FirewallSeen = {
  readonly active: readonly Firewall[];
  /** Names of all rules there, as `placedName` makes them, and whether they bear the comment of a run. */
  readonly rules: ReadonlyMap<string, { readonly isMarked: boolean }>;
  /** The rules that runs have added, by their notes. */
  readonly notes: readonly PlacedRule[];
  readonly zones: ReadonlyMap<string, Zone>;
  readonly defaultZone: string;
  /** Whether ufw rules over IPv6 at all. */
  readonly hasIpv6: boolean;
  /** Whether files of firewalld are kept that have to come back. */
  readonly hasKeptZones: boolean;
};

export const placedName = ({ kind, zone, protocol, port, source }: Place & Omit<Rule, 'owner'>): string =>
  `${kind} ${zone} ${protocol} ${port} ${source}`;

/** The comment of each rule that a run adds to ufw. */
export const comment = 'muster';

/** Prints what firewalls there are and what they let in, for `readFirewall`. Changes nothing; firewalls that are off stay so. */
export const lookScript = `
export LC_ALL=C
[ ! -e ${firewallNotes} ] || sed 's/^/note=/' ${firewallNotes}
for list in ${zoneNotes}/*.list; do [ ! -e "$list" ] || echo kept=yes; done
if command -v ufw >/dev/null 2>&1; then
  case "$(ufw status 2>/dev/null)" in 'Status: active'*) echo active=ufw ;; esac
  ufw show added 2>/dev/null | sed 's/^/added=/'
  if grep -qix 'IPV6="\\{0,1\\}yes"\\{0,1\\}' /etc/default/ufw 2>/dev/null; then echo ipv6=yes; fi
fi
if command -v firewall-cmd >/dev/null 2>&1 && firewall-cmd --state >/dev/null 2>&1; then
  echo active=firewalld
  printf 'default=%s\\n' "$(firewall-cmd --get-default-zone)"
  firewall-cmd --list-all-zones | sed 's/^/runtime=/'
  firewall-cmd --permanent --list-all-zones | sed 's/^/permanent=/'
fi
true
`;

/** Reads what `lookScript` printed. @throws ProvisionError for notes that nobody can have written */
export function readFirewall(output: string): FirewallSeen {
  const lines = output.split('\n');
  const after = (prefix: string): string[] => lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
  const runtime = readZones(after('runtime='));
  const permanent = readZones(after('permanent='));
  return {
    active: (['ufw', 'firewalld'] as const).filter((name) => after('active=').includes(name)),
    rules: new Map([...after('added=').flatMap(readAdded), ...rulesOfZones('runtime', runtime), ...rulesOfZones('permanent', permanent)]),
    notes: after('note=').map(readNote),
    zones: runtime,
    defaultZone: after('default=')[0] ?? '',
    hasIpv6: after('ipv6=').includes('yes'),
    hasKeptZones: after('kept=').length > 0,
  };
}

/** A rule of ufw in the words in which it can be added again, of the three kinds that a run adds. */
function readAdded(line: string): [string, { isMarked: boolean }][] {
  const [rule = '', ...comments] = line.split(/ (?=comment ')/u);
  const [, from, fromPort, fromProtocol] = /^ufw allow from (\S+)(?: to any port (\d+) proto (tcp|udp))?$/u.exec(rule) ?? [];
  const [, toPort, toProtocol] = /^ufw allow (\d+)\/(tcp|udp)$/u.exec(rule) ?? [];
  if (from === undefined && toPort === undefined) return [];
  const name = `ufw - ${toProtocol ?? fromProtocol ?? 'any'} ${toPort ?? fromPort ?? 'any'} ${from ?? 'any'}`;
  return [[name, { isMarked: comments.join(' ') === `comment '${comment}'` }]];
}

type ListedZone = Zone & { readonly ports: readonly string[]; readonly richRules: readonly string[] };

/** Blocks such as `public (active)` with indented lines `  sources: ...`; rich rules come one a line, further in. */
function readZones(lines: readonly string[]): Map<string, ListedZone> {
  const zones = new Map<string, ListedZone>();
  let [name, rich] = ['', [] as string[]];
  for (const line of lines) {
    if (/^\S/u.test(line)) {
      name = line.split(' ')[0] ?? '';
      rich = [];
      zones.set(name, { interfaces: [], sources: [], ports: [], richRules: rich });
    }
    const [, key = '', value = ''] = /^ {2}(interfaces|sources|ports): (.*)$/u.exec(line) ?? [];
    const zone = zones.get(name);
    if (key !== '' && zone !== undefined) zones.set(name, { ...zone, [key]: value.split(' ').filter((one) => one !== '') });
    if (/^\s+rule /u.test(line)) rich.push(line.trim());
  }
  return zones;
}

const ourRule = /^rule family="ipv[46]" source address="([^"]+)" port port="(\d+)" protocol="(tcp|udp)" accept$/u;

function rulesOfZones(kind: Place['kind'], zones: ReadonlyMap<string, ListedZone>): [string, { isMarked: boolean }][] {
  const names = [...zones].flatMap(([zone, { sources, ports, richRules }]) => [
    ...sources.map((source) => `${kind} ${zone} any any ${source}`),
    ...ports.map((port) => `${kind} ${zone} ${port.split('/')[1] ?? ''} ${port.split('/')[0] ?? ''} any`),
    ...richRules.flatMap((rule) => {
      const [, source, port, protocol] = ourRule.exec(rule) ?? [];
      return source === undefined ? [] : [`${kind} ${zone} ${protocol ?? ''} ${port ?? ''} ${source}`];
    }),
  ]);
  return names.map((name) => [name, { isMarked: true }]);
}

/** A line of the notes: `ufw - tcp 7421 10.0.0.11 web1`. */
function readNote(line: string): PlacedRule {
  const [, kind, zone = '', protocol, port = '', source = '', owner = ''] = noteLine.exec(line) ?? [];
  if (kind === undefined)
    throw new ProvisionError(`The line "${line}" of ${firewallNotes} is none that a run has written. Mend it or take it out.`);
  return {
    kind: kind as Place['kind'],
    zone,
    protocol: protocol as Rule['protocol'],
    port: port === 'any' ? 'any' : Number(port),
    source,
    owner,
  };
}

const noteLine = /^(ufw|permanent|runtime) (\S+) (tcp|udp|any) (any|[1-9]\d{0,4}) (\S+) (.+)$/u;
