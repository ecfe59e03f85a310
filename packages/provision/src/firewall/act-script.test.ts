import { rmSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grammarProblems } from '../../test/dash.ts';
import { firewallStubs } from '../../test/firewall-stubs.ts';
import { ScriptRoot } from '../../test/script-root.ts';
import { actLines, actScript } from './act-script.ts';
import { lookScript, type PlacedRule, readFirewall } from './look.ts';
import { type FirewallPlan, planRemoval } from './plan-firewall.ts';

const notes = '/var/lib/muster-provision/firewall';
const zoneFile = '/etc/firewalld/zones/public.xml';

let root: ScriptRoot;
beforeEach(() => {
  root = new ScriptRoot();
  firewallStubs(root);
});
afterEach(() => root.remove());

const rule = (kind: PlacedRule['kind'], source: string, change: Partial<PlacedRule> = {}): PlacedRule => ({
  kind,
  zone: kind === 'ufw' ? '-' : 'public',
  protocol: 'tcp',
  port: 7421,
  source,
  owner: 'web1',
  ...change,
});
const both = (source: string, change: Partial<PlacedRule> = {}) => [rule('permanent', source, change), rule('runtime', source, change)];
const pods = { port: 'any', protocol: 'any', owner: '-' } as const;

const act = (plan: Partial<FirewallPlan>) => {
  const lines = actLines({ add: [], remove: [], forget: [], ...plan });
  return root.run(actScript.replace(/\ndone\nif /u, `\ndone <<'LINES'\n${lines}LINES\nif `));
};
const done = async (plan: Partial<FirewallPlan>) => expect(await act(plan)).toMatchObject({ code: 0, stdout: '', stderr: '' });
const look = async () => readFirewall((await root.run(lookScript)).stdout);
const ufwRules = () => root.read('/etc/ufw.rules').trim().split('\n');
const noted = () => (root.has(notes) ? root.read(notes).trim().split('\n') : []);
const undo = async () => done(planRemoval(await look()));
const rich = (source: string) =>
  `rich-rule=rule family="${source.includes(':') ? 'ipv6' : 'ipv4'}" source address="${source}" port port="7421" protocol="tcp" accept`;

describe('the scripts', () => {
  it('are valid for a POSIX shell', async () => {
    for (const script of [actScript, lookScript]) expect(await grammarProblems(script)).toBe('');
  });

  it('are told of a hundred rules of a zone by one command, and added before taken away', () => {
    const many = Array.from({ length: 150 }, (_, index) => rule('runtime', `10.0.1.${index}`));
    const lines = actLines({ add: many, remove: [rule('runtime', '10.0.0.9')], forget: [] })
      .trim()
      .split('\n');
    expect(lines.flatMap((line, index) => (line.startsWith('run ') ? [index] : []))).toEqual([100, 151, 153]);
    expect(lines[152]).toBe('remove runtime public tcp 7421 10.0.0.9 ipv4 web1');
  });
});

describe('rules of ufw', () => {
  const three = [rule('ufw', '10.0.0.11'), rule('ufw', 'any', { port: 80, owner: '-' }), rule('ufw', '10.42.0.0/16', pods)];

  it('are noted and added, and gone without a trace', async () => {
    root.write('/etc/ufw.rules', '22/tcp\n');
    await done({ add: three });
    expect(ufwRules()).toEqual([
      '22/tcp',
      "from 10.0.0.11 to any port 7421 proto tcp comment 'muster'",
      "80/tcp comment 'muster'",
      "from 10.42.0.0/16 comment 'muster'",
    ]);
    expect(noted()).toEqual(['ufw - tcp 7421 10.0.0.11 web1', 'ufw - tcp 80 any -', 'ufw - any any 10.42.0.0/16 -']);
    root.write('/run/ufw');
    const seen = await look();
    expect([seen.active, [...seen.rules.keys()].toSorted(), seen.notes]).toEqual([
      ['ufw', 'firewalld'],
      ['ufw - any any 10.42.0.0/16', 'ufw - tcp 22 any', 'ufw - tcp 7421 10.0.0.11', 'ufw - tcp 80 any'],
      three,
    ]);
    await undo();
    expect([ufwRules(), noted()]).toEqual([['22/tcp'], []]);
    expect(root.has(`${notes}.gone`)).toBe(false);
  });

  it('are noted before they are added: cut off between, the note is there, and a repetition adds the rule', async () => {
    root.program('ufw', 'kill -9 $PPID; exit 1');
    expect((await act({ add: three })).signal).toBe('SIGKILL');
    expect(noted()).toEqual(['ufw - tcp 7421 10.0.0.11 web1']);
    firewallStubs(root);
    await done({ add: three });
    expect([ufwRules().length, noted().length]).toEqual([3, 3]);
  });

  it('are struck from the notes only after they are gone', async () => {
    await done({ add: three });
    root.program('ufw', 'kill -9 $PPID; exit 1');
    expect((await act({ remove: three })).signal).toBe('SIGKILL');
    expect(noted()).toHaveLength(3);
    firewallStubs(root);
    await undo();
    expect(noted()).toEqual([]);
  });

  it('that are only forgotten stay with the firewall', async () => {
    await done({ add: three });
    await done({ forget: [three[0]!] });
    expect([ufwRules().length, noted()]).toEqual([3, ['ufw - tcp 80 any -', 'ufw - any any 10.42.0.0/16 -']]);
  });

  it('stop the run where ufw refuses them, with what it said', async () => {
    root.program('ufw', 'echo "ERROR: Bad source address" >&2; exit 1');
    expect(await act({ add: three })).toMatchObject({ code: 1, stderr: 'ERROR: Bad source address\n' });
  });

  it('of an ufw that was removed since are struck from the notes', async () => {
    await done({ add: three });
    rmSync(root.path('/bin/ufw'));
    await done({ remove: three });
    expect(noted()).toEqual([]);
  });
});

describe('rules of firewalld', () => {
  const all = [...both('10.0.0.11'), ...both('fd00::11', { owner: 'web2' })];
  const network = both('10.42.0.0/16', { ...pods, zone: 'trusted' });

  it('are added to what runs and to what is kept', async () => {
    await done({ add: [...all, ...both('any', { port: 443, owner: '-' }), ...network] });
    const lines = ['of public', rich('10.0.0.11'), rich('fd00::11'), 'port=443/tcp'];
    expect(root.read(zoneFile).trim().split('\n')).toEqual(lines);
    expect(root.read('/run/zones/public').trim().split('\n')).toEqual(lines);
    expect(root.read('/etc/firewalld/zones/trusted.xml')).toContain('source=10.42.0.0/16');
    expect(noted()).toContain('permanent public tcp 7421 fd00::11 web2');
  });

  it('leave no file of a zone where there was none', async () => {
    await done({ add: [...all, ...network] });
    await undo();
    expect([root.has(zoneFile), root.has(`${zoneFile}.old`), root.has('/etc/firewalld/zones/trusted.xml')]).toEqual([false, false, false]);
    expect(root.read('/run/zones/public')).toBe('of public\n');
    expect([noted(), root.has('/var/lib/muster-provision/firewalld')]).toEqual([[], false]);
  });

  it('give the files of a zone back as they were', async () => {
    root.write(zoneFile, 'of public\n\nport=9/tcp\n');
    root.write(`${zoneFile}.old`, 'older');
    await done({ add: both('10.0.0.11') });
    await done({ add: both('10.0.0.12') });
    await undo();
    // With the empty line, which firewalld itself would not have written again.
    expect([root.read(zoneFile), root.read(`${zoneFile}.old`)]).toEqual(['of public\n\nport=9/tcp\n', 'older']);
  });

  it('leave a zone to whoever has changed it since', async () => {
    await done({ add: all });
    await root.run('firewall-cmd --permanent --zone=public --add-port=8080/tcp');
    await undo();
    expect(root.read(zoneFile)).toBe('of public\nport=8080/tcp\n');
    expect(root.has('/var/lib/muster-provision/firewalld')).toBe(false);
  });

  it('are taken out of what is kept where firewalld does not run', async () => {
    await done({ add: all });
    await root.run('rm /run/firewalld');
    expect((await look()).active).toEqual([]);
    await undo();
    expect([root.has(zoneFile), noted()]).toEqual([false, []]);
  });

  it.each([
    ['before the first', '*--permanent*--add-*'],
    ['between what is kept and what runs', '--zone=*--add-*'],
  ])('that were cut off %s are all there after a repetition, and gone after a reset', async (_when, words) => {
    const stub = root.read('/bin/firewall-cmd');
    root.program('firewall-cmd', `case "$*" in ${words}) kill -9 $PPID; exit 1 ;; esac\n${stub}`);
    expect((await act({ add: all })).signal).toBe('SIGKILL');
    firewallStubs(root);
    await done({ add: all });
    expect(root.read('/run/zones/public')).toBe(`of public\n${rich('10.0.0.11')}\n${rich('fd00::11')}\n`);
    await undo();
    expect([root.has(zoneFile), root.has(`${zoneFile}.old`), noted()]).toEqual([false, false, []]);
  });

  it('that were cut off while files came back are restored by a repetition', async () => {
    await done({ add: all });
    root.program('cmp', 'kill -9 $PPID; exit 1');
    expect((await act({ remove: all })).signal).toBe('SIGKILL');
    expect([noted(), (await look()).hasKeptZones, root.has(zoneFile)]).toEqual([[], true, true]);
    rmSync(root.path('/bin/cmp'));
    symlinkSync('/usr/bin/cmp', root.path('/bin/cmp'));
    await undo();
    expect(root.has(zoneFile)).toBe(false);
  });
});
