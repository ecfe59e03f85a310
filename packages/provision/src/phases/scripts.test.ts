import { describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { apply } from '../index.ts';

/** Names and values that would do harm in a script that took them as they are. */
const hostile = `
[driver]
boss ansible_host=10.0.0.10 muster_watch="a'; touch owned #.service" muster_labels="rack=$(touch owned)"
[worker]
web1 ansible_host=10.0.0.11 muster_labels="note='; touch owned; '" muster_watch="\`touch owned\`"
`;

const scriptsOf = (fixture: ClusterFixture) => [...fixture.hosts.values()].flatMap((host) => host.sent);

describe('every script of a run', () => {
  it.each([
    ['of a cluster as it mostly is', undefined],
    ['of one with hostile values', hostile],
  ])('is valid for a POSIX shell: %s', async (_what, inventory) => {
    const fixture = new ClusterFixture(inventory);
    expect((await apply(fixture.options(), new KeptReport())).failures.size).toBe(0);
    const sent = scriptsOf(fixture);
    expect(new Set(sent.map(({ label }) => label)).size).toBeGreaterThan(14);
    for (const { label, script } of sent) expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });

  it('holds no value of the inventory: those travel in files and on standard input', async () => {
    const fixture = new ClusterFixture(hostile);
    await apply(fixture.options(), new KeptReport());
    for (const { label, script } of scriptsOf(fixture)) expect([label, script.includes('owned')]).toEqual([label, false]);
    expect(fixture.host('web1').files.get('/etc/muster/agent.json')).toContain('`touch owned`');
    expect(fixture.muster.nodes.get('boss')?.labels).toEqual({ rack: '$(touch owned)' });
  });

  it('quotes the version and the checksum of a release', async () => {
    const fixture = new ClusterFixture();
    const odd = { path: '/dist/x.tar.gz', sha256: "$(touch owned)'; touch owned; '", version: '1"; touch owned' };
    const result = await apply(fixture.options({ artifacts: { server: { x64: odd }, agent: { x64: odd } } }), new KeptReport());
    expect(result.failures.size).toBe(0);
    for (const { label, script } of scriptsOf(fixture)) {
      expect([label, await grammarProblems(script)]).toEqual([label, '']);
      // Without what stands between single quotes nothing of the values is left.
      const unquoted = script.replaceAll("'\\''", '').replaceAll(/'[^']*'/gu, '');
      expect([label, unquoted.includes('owned')]).toEqual([label, false]);
    }
  });

  it('runs nothing from a temporary folder, which may be mounted noexec', async () => {
    const fixture = new ClusterFixture();
    await apply(fixture.options(), new KeptReport());
    const uploads = [...fixture.hosts.values()].flatMap((host) => host.uploads.map(({ path }) => path));
    for (const text of [...scriptsOf(fixture).map(({ script }) => script), ...uploads]) expect(text).not.toMatch(/\/tmp\b|mktemp|TMPDIR/u);
  });

  it('asks for root only where it needs it, and never on an agent without it', async () => {
    const fixture = new ClusterFixture();
    await apply(fixture.options(), new KeptReport());
    const withoutRoot = scriptsOf(fixture).filter(({ sudo }) => !sudo);
    expect([...new Set(withoutRoot.map(({ label }) => label))].toSorted()).toEqual([
      'look at muster-agent.service',
      'look at the SSH port',
      'look for installed releases',
      'look whether the other hosts answer',
    ]);
  });
});
