import { describe, expect, it } from 'vitest';
import { type FirewallSeen, placedName, type PlacedRule } from './look.ts';
import { firewallChanges, planFirewall, planRemoval, type Wanted } from './plan-firewall.ts';
import type { Rule } from './rules.ts';

const rule = (source: string, change: Partial<Rule> = {}): Rule => ({
  protocol: 'tcp',
  port: 7421,
  source,
  owner: `of ${source}`,
  ...change,
});
const everybody = rule('any', { port: 443, owner: '-' });
const pods = rule('10.42.0.0/16', { protocol: 'any', port: 'any', owner: '-' });
const inUfw = (one: Rule): PlacedRule => ({ ...one, kind: 'ufw', zone: '-' });
const inZone = (one: Rule, zone = 'public', kind: 'permanent' | 'runtime' = 'permanent'): PlacedRule => ({ ...one, kind, zone });

const seen = (change: Partial<FirewallSeen> & { there?: readonly PlacedRule[]; unmarked?: readonly PlacedRule[] } = {}): FirewallSeen => {
  const { there = [], unmarked = [], ...rest } = change;
  const rules = [...there.map((one) => [one, true] as const), ...unmarked.map((one) => [one, false] as const)];
  return {
    active: ['ufw'],
    rules: new Map(rules.map(([one, isMarked]) => [placedName(one), { isMarked }])),
    notes: [],
    zones: new Map(),
    defaultZone: 'public',
    hasIpv6: true,
    hasKeptZones: false,
    ...rest,
  };
};
const wanted = (rules: readonly Rule[], change: Partial<Wanted> = {}): Wanted => ({
  rules,
  isOn: true,
  interface: 'eth0',
  isUndecided: () => false,
  ...change,
});
const planOf = (...args: Parameters<typeof planFirewall>) => {
  const { add, remove, forget } = planFirewall(...args);
  return { add: add.map(placedName), remove: remove.map(placedName), forget: forget.map(placedName) };
};
const nothing = { add: [], remove: [], forget: [] };

describe('a plan for ufw', () => {
  it('adds what is not there, and nothing the second time', () => {
    const rules = [rule('10.0.0.11'), rule('fd00::12')];
    expect(planOf(seen(), wanted(rules))).toEqual({ ...nothing, add: ['ufw - tcp 7421 10.0.0.11', 'ufw - tcp 7421 fd00::12'] });
    const placed = rules.map(inUfw);
    expect(planOf(seen({ there: placed, notes: placed }), wanted(rules))).toEqual(nothing);
  });

  it('leaves IPv6 to whoever rules over it', () => {
    expect(planOf(seen({ hasIpv6: false }), wanted([rule('fd00::12')]))).toEqual(nothing);
  });

  it('takes a rule that is there for what it is: not added, and not taken away with the hosts', () => {
    const own = inUfw(rule('10.0.0.11'));
    expect(planOf(seen({ unmarked: [own] }), wanted([rule('10.0.0.11')]))).toEqual(nothing);
    expect(planOf(seen({ unmarked: [own] }), wanted([]))).toEqual(nothing);
    expect(planRemoval(seen({ unmarked: [own] }))).toEqual(nothing);
  });

  it('adds a rule again that somebody has taken away', () => {
    expect(planOf(seen({ notes: [inUfw(rule('10.0.0.11'))] }), wanted([rule('10.0.0.11')])).add).toEqual(['ufw - tcp 7421 10.0.0.11']);
  });

  it('takes away what nothing needs any more', () => {
    const old = inUfw(rule('10.0.0.99'));
    expect(planOf(seen({ there: [old], notes: [old] }), wanted([]))).toEqual({ ...nothing, remove: ['ufw - tcp 7421 10.0.0.99'] });
  });

  it('keeps what was made for a host of which nobody knows the address now', () => {
    const notes = [inUfw(rule('10.0.0.11')), inUfw(rule('10.0.0.12'))];
    const change = { isUndecided: (owner: string) => owner === 'of 10.0.0.12' };
    expect(planOf(seen({ there: notes, notes }), wanted([], change)).remove).toEqual(['ufw - tcp 7421 10.0.0.11']);
  });

  it("only forgets what is not there any more, or has lost its comment and so is somebody's own", () => {
    const [gone, taken] = [inUfw(rule('10.0.0.11')), inUfw(rule('10.0.0.12'))];
    const plan = planOf(seen({ unmarked: [taken], notes: [gone, taken] }), wanted([]));
    expect(plan).toEqual({ ...nothing, forget: ['ufw - tcp 7421 10.0.0.11', 'ufw - tcp 7421 10.0.0.12'] });
  });

  it('does nothing while no firewall is active, but takes all of it away where none is wanted', () => {
    const notes = [inUfw(rule('10.0.0.11'))];
    const off = seen({ active: [], there: notes, notes });
    expect(planOf(off, wanted([]))).toEqual(nothing);
    expect(planOf(off, wanted([rule('10.0.0.11')], { isOn: false })).remove).toEqual(['ufw - tcp 7421 10.0.0.11']);
    expect(planRemoval(off).remove).toEqual(notes);
  });
});

describe('a plan for firewalld', () => {
  const zones = new Map([
    ['public', { interfaces: [], sources: [] }],
    ['internal', { interfaces: ['eth0'], sources: [] }],
    ['racks', { interfaces: [], sources: ['10.1.0.0/16', 'fd01::/64', '52:54:00:12:34:56', 'ipset:mine', '10.2.0.1', '10.3.0.0/99'] }],
  ]);
  const firewalld = (change: Parameters<typeof seen>[0] = {}) => seen({ active: ['firewalld'], zones, ...change });
  const zonesOf = (rules: readonly Rule[], change: Parameters<typeof seen>[0] = {}, device: string | undefined = 'eth0') =>
    planOf(firewalld(change), wanted(rules, { interface: device })).add;

  it('adds to what is kept and to what runs, in the zone of the interface', () => {
    expect(zonesOf([rule('10.0.0.11')])).toEqual(['permanent internal tcp 7421 10.0.0.11', 'runtime internal tcp 7421 10.0.0.11']);
    expect(zonesOf([everybody])).toEqual(['permanent internal tcp 443 any', 'runtime internal tcp 443 any']);
  });

  it('adds only where it is missing', () => {
    expect(zonesOf([rule('10.0.0.11')], { there: [inZone(rule('10.0.0.11'), 'internal')] })).toEqual([
      'runtime internal tcp 7421 10.0.0.11',
    ]);
  });

  it('takes the default zone for an interface that is in none, or is not known', () => {
    expect(zonesOf([rule('10.0.0.11')], {}, 'eth9')[0]).toBe('permanent public tcp 7421 10.0.0.11');
    expect(planOf(firewalld(), wanted([rule('10.0.0.11')], { interface: undefined })).add[0]).toBe('permanent public tcp 7421 10.0.0.11');
  });

  it.each(['10.1.2.3', 'fd01::5', '10.2.0.1'])('takes the zone that claims a source: %s', (source) => {
    expect(zonesOf([rule(source)])[0]).toBe(`permanent racks tcp 7421 ${source}`);
  });

  it.each(['10.3.0.1', 'fd02::5'])('passes over sources that are no network it is in: %s', (source) => {
    expect(zonesOf([rule(source)])[0]).toBe(`permanent internal tcp 7421 ${source}`);
  });

  it('trusts the networks of pods, unless a zone of somebody has them', () => {
    const placed = [inZone(pods, 'trusted'), inZone(pods, 'trusted', 'runtime')];
    expect(zonesOf([pods])).toEqual(placed.map(placedName));
    const held = new Map([...zones, ['trusted', { interfaces: [], sources: ['10.42.0.0/16'] }]]);
    expect(zonesOf([pods], { zones: held })).toEqual([]);
    // With notes it is a run's own.
    expect(planOf(firewalld({ zones: held, there: placed, notes: placed }), wanted([pods]))).toEqual(nothing);
  });

  it('moves rules to the zone that the interface is in now', () => {
    const old = [inZone(rule('10.0.0.11')), inZone(rule('10.0.0.11'), 'public', 'runtime')];
    const { add, remove } = planOf(firewalld({ there: old, notes: old }), wanted([rule('10.0.0.11')]));
    expect([add.length, remove]).toEqual([2, old.map(placedName)]);
  });

  it('refuses a zone whose name is a path', () => {
    expect(() => zonesOf([rule('10.0.0.11')], { defaultZone: 'mine/lab', zones: new Map() })).toThrow(
      'firewalld has the zone "mine/lab" for the cluster\'s network',
    );
  });

  it('takes away what it cannot see while firewalld is off, and forgets what is gone while it is on', () => {
    const notes = [inZone(rule('10.0.0.11'))];
    expect(planRemoval(firewalld({ active: [], notes })).remove).toEqual(notes);
    expect(planRemoval(firewalld({ notes })).forget).toEqual(notes);
  });
});

describe('a plan in words', () => {
  it('names each port once, for whom it is, and has every rule in its content', () => {
    const add = [inUfw(rule('10.0.0.11', { owner: 'web1' })), inUfw(rule('10.0.0.12', { owner: 'web2' })), inUfw(everybody), inUfw(pods)];
    expect(firewallChanges({ ...nothing, add })).toEqual([
      {
        what: 'open tcp/7421 in ufw for web1, web2',
        content: 'ufw: allow tcp/7421 from 10.0.0.11 (web1)\nufw: allow tcp/7421 from 10.0.0.12 (web2)',
      },
      { what: 'open tcp/443 in ufw for everybody', content: 'ufw: allow tcp/443 from any' },
      { what: 'open all ports for 10.42.0.0/16 in ufw', content: 'ufw: allow all from 10.42.0.0/16' },
    ]);
  });

  it('tells of firewalld once what comes at two places, and of many hosts the first', () => {
    const many = Array.from({ length: 9 }, (_, index) => rule(`10.0.0.${index}`, { owner: `web${index}` }));
    const add = many.flatMap((one) => [inZone(one), inZone(one, 'public', 'runtime')]);
    const [change, ...more] = firewallChanges({ ...nothing, add });
    expect([change?.what, more]).toEqual(['open tcp/7421 in zone public of firewalld for web0, web1, web2, web3, web4 and 4 more', []]);
    expect(change?.content?.split('\n')).toHaveLength(9);
  });

  it('says what is closed, and that something is only forgotten', () => {
    const old = [inUfw(rule('10.0.0.11', { owner: 'web1' }))];
    expect(firewallChanges({ ...nothing, remove: old }).map(({ what }) => what)).toEqual(['close tcp/7421 in ufw to web1']);
    expect(firewallChanges({ ...nothing, forget: old }).map(({ what }) => what)).toEqual([
      'forget rules of the firewall that are not there any more',
    ]);
    expect(firewallChanges(nothing)).toEqual([]);
  });
});
