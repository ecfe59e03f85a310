import { BlockList, isIP } from 'node:net';
import type { Change } from '../engine/phase.ts';
import { ProvisionError } from '../provision-error.ts';
import { type FirewallSeen, type Place, placedName, type PlacedRule } from './look.ts';
import { portName, type Rule, ruleName } from './rules.ts';

/** What is to be done to the rules of a host: added, taken away, and only struck from the notes. */
export type FirewallPlan = {
  readonly add: readonly PlacedRule[];
  readonly remove: readonly PlacedRule[];
  readonly forget: readonly PlacedRule[];
};

/** What a plan is made of besides what was seen. */
export type Wanted = {
  readonly rules: readonly Rule[];
  /** Whether the host's firewall is a run's business at all; without it everything goes that runs have added. */
  readonly isOn: boolean;
  /** The interface that has the host's address in the cluster's network. */
  readonly interface: string | undefined;
  /** Whether a host is still of the inventory and its address not known, so that nobody can say whether a rule for it is right. */
  readonly isUndecided: (owner: string) => boolean;
};

/**
 * What has to change, from the rules that are wanted and those that are there. A rule that is there and in no note is somebody else's:
 * it is neither added nor ever taken away. Where no firewall is active nothing is done, and what was noted stays. Pure.
 */
export function planFirewall(seen: FirewallSeen, wanted: Wanted): FirewallPlan {
  if (wanted.isOn && seen.active.length === 0) return { add: [], remove: [], forget: [] };
  const placed = wanted.isOn
    ? wanted.rules.flatMap((rule) => placesOf(rule, seen, wanted.interface).map((place) => ({ ...rule, ...place })))
    : [];
  const names = new Set(placed.map(placedName));
  const unwanted = seen.notes.filter((note) => !names.has(placedName(note)) && !(wanted.isOn && wanted.isUndecided(note.owner)));
  return { add: placed.filter((rule) => !seen.rules.has(placedName(rule))), ...removalOf(seen, unwanted) };
}

/** Everything that runs have added goes. Pure. */
export const planRemoval = (seen: FirewallSeen): FirewallPlan => ({ add: [], ...removalOf(seen, seen.notes) });

/** A rule that is not there any more is only forgotten, and so is one of ufw that lost the comment of a run: it is somebody's own by now. */
function removalOf(seen: FirewallSeen, notes: readonly PlacedRule[]): Pick<FirewallPlan, 'remove' | 'forget'> {
  const isGone = (note: PlacedRule): boolean => {
    const rule = seen.rules.get(placedName(note));
    return note.kind === 'ufw' ? rule?.isMarked !== true : rule === undefined && seen.active.includes('firewalld');
  };
  return { remove: notes.filter((note) => !isGone(note)), forget: notes.filter(isGone) };
}

function placesOf(rule: Rule, seen: FirewallSeen, device: string | undefined): Place[] {
  return seen.active.flatMap((firewall): Place[] => {
    if (firewall === 'ufw') return rule.source.includes(':') && !seen.hasIpv6 ? [] : [{ kind: 'ufw', zone: '-' }];
    const zone = zoneFor(rule, seen, device);
    return zone === undefined
      ? []
      : [
          { kind: 'permanent', zone },
          { kind: 'runtime', zone },
        ];
  });
}

/** Zones whose names are names of files, which is what is kept of them. */
const plainZone = /^[\w-]+$/u;

/**
 * The zone that has the traffic of a rule: one that claims its source, else that of the interface, else the default. A network that is let
 * in altogether goes to `trusted`, unless a zone has it already: then it is undefined.
 */
function zoneFor({ port, source }: Rule, { zones, defaultZone, notes }: FirewallSeen, device: string | undefined): string | undefined {
  const having = (isMeant: (zone: { interfaces: readonly string[]; sources: readonly string[] }) => boolean): string | undefined =>
    [...zones].find(([, zone]) => isMeant(zone))?.[0];
  if (port === 'any') {
    const holder = having(({ sources }) => sources.includes(source));
    return holder === undefined || notes.some((note) => note.zone === holder && note.source === source) ? 'trusted' : undefined;
  }
  const claimed = source === 'any' ? undefined : having(({ sources }) => sources.some((one) => covers(one, source)));
  const zone = claimed ?? having(({ interfaces }) => device !== undefined && interfaces.includes(device)) ?? defaultZone;
  if (plainZone.test(zone)) return zone;
  throw new ProvisionError(
    `firewalld has the zone "${zone}" for the cluster's network, and of such a name no rules are kept. Open the ports there yourself and set muster_firewall=no.`,
  );
}

/** Whether a source of a zone, an address or a network, covers an address. Sets and hardware addresses are not looked into. */
function covers(source: string, address: string): boolean {
  if (source === address) return true;
  const [network = '', bits = ''] = source.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(network) === 0 || isIP(network) !== isIP(address) || !/^\d{1,3}$/u.test(bits) || Number(bits) > (family === 'ipv6' ? 128 : 32))
    return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}

/** The firewall of a place in words. */
const firewallOf = ({ kind, zone }: Place): string => (kind === 'ufw' ? 'ufw' : `zone ${zone} of firewalld`);

/** As many hosts as a person reads. */
const mostNames = 5;

/** A plan in words: one change for each port, with every rule of it in its content. Pure. */
export function firewallChanges({ add, remove, forget }: FirewallPlan): Change[] {
  const told = [...changesOf('open', add), ...changesOf('close', remove)];
  return told.length === 0 && forget.length > 0 ? [{ what: 'forget rules of the firewall that are not there any more' }] : told;
}

function changesOf(verb: 'open' | 'close', rules: readonly PlacedRule[]): Change[] {
  const byPort = Map.groupBy(rules, (rule) => `${portName(rule)} in ${firewallOf(rule)}`);
  return [...byPort].map(([port, of]) => {
    const sources = [...new Map(of.map((rule) => [ruleName(rule), rule])).values()];
    const names = [...new Set(sources.map(({ owner, source }) => (source === 'any' ? 'everybody' : owner)))].filter((name) => name !== '-');
    const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
    const whom = names.length === 0 ? '' : ` ${verb === 'open' ? 'for' : 'to'} ${names.slice(0, mostNames).join(', ')}${more}`;
    return { what: `${verb} ${port}${whom}`, content: sources.map(ruleLine).join('\n') };
  });
}

const ruleLine = ({ kind, zone, protocol, port, source, owner }: PlacedRule): string =>
  `${kind === 'ufw' ? 'ufw' : `firewalld, zone ${zone}`}: allow ${port === 'any' ? 'all' : `${protocol}/${port}`} from ${source}${owner === '-' ? '' : ` (${owner})`}`;
