import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakeFolder, FakeSlurm, hardwareOutput, slurmInventory } from '../../test/fake-slurm.ts';
import { apply } from '../index.ts';

const inventory = `${slurmInventory}slurm_state_folder=/srv/state
[slurm_controller]
boss
web2
`;
const controllers = ['boss', 'web2'];
const confOf = (name: string) => fixture.host(name).files.get('/etc/slurm/slurm.conf') ?? '';
const keyOf = (name: string) => fixture.host(name).files.get('/etc/munge/munge.key');
const dropInOf = (name: string) => fixture.host(name).files.get('/etc/systemd/system/slurmctld.service.d/muster.conf');

let fixture: ClusterFixture;
let slurm: ReadonlyMap<string, FakeSlurm>;
let folder: FakeFolder;

/** The same hosts by another inventory. */
function reread(text: string): void {
  const before = fixture;
  fixture = new ClusterFixture(text);
  for (const [name, host] of before.hosts) (fixture.hosts as Map<string, typeof host>).set(name, host);
}

beforeEach(() => {
  fixture = new ClusterFixture(inventory);
  slurm = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeSlurm(host)]));
  folder = new FakeFolder();
  for (const name of controllers) slurm.get(name)!.folder = folder;
});

async function applied(change: Parameters<ClusterFixture['options']>[0] = {}) {
  for (const host of fixture.hosts.values()) host.forget();
  const report = new KeptReport();
  const result = await apply(fixture.options(change), report);
  const ofPhase = (phase: string) => report.outcomes.filter((one) => one.phase === phase);
  const told = (phase: string, host: string) =>
    ofPhase(phase)
      .find((one) => one.host === host)
      ?.changes.map(({ what }) => what);
  return { result, told, order: (phase: string) => ofPhase(phase).map(({ host }) => host), report };
}

const spoilHardware = () => {
  slurm.get('web1')!.hardware = hardwareOutput.replace('RealMemory=64213', 'RealMemory=128000');
};

describe('two controllers', () => {
  it('stand in every configuration, the primary first, with the folder that both have', async () => {
    const { result } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(confOf('web1')).toContain('SlurmctldHost=boss(10.0.0.10)\nSlurmctldHost=web2(10.0.0.12)\nStateSaveLocation=/srv/state\n');
    expect(new Set([confOf('boss'), confOf('web1'), confOf('web2')]).size).toBe(1);
    expect([...folder.users].toSorted()).toEqual(['boss', 'web2']);
    expect(dropInOf('boss')).toContain('RequiresMountsFor=/srv/state');
    expect(dropInOf('web2')).toBe(dropInOf('boss'));
    expect(dropInOf('web1')).toBeUndefined();
  });

  it('have the key of the first, as the nodes have', async () => {
    const { told } = await applied();
    expect(controllers.map(keyOf)).toEqual(['key of boss', 'key of boss']);
    expect(keyOf('web1')).toBe('key of boss');
    expect(told('slurm-controller', 'boss')).toContain('make the munge key');
    expect(told('slurm-controller', 'web2')).toContain('take the munge key of boss');
    const key = Buffer.from('key of boss').toString('base64');
    for (const host of fixture.hosts.values()) for (const { script } of host.sent) expect(script.includes(key)).toBe(false);
  });

  it('are changed one at a time, the backup first', async () => {
    expect((await applied()).order('slurm-controller')).toEqual(['web2', 'boss']);
    spoilHardware();
    const { told, order } = await applied();
    expect(order('slurm-controller')).toEqual(['web2', 'boss']);
    expect(told('slurm-controller', 'web2')).toEqual(['change /etc/slurm/slurm.conf', 'restart slurmctld.service']);
  });

  it('change nothing in a second run', async () => {
    await applied();
    const { report } = await applied();
    expect(report.outcomes.flatMap(({ changes }) => changes)).toEqual([]);
    for (const host of fixture.hosts.values()) expect(host.steps).toEqual([]);
  });

  it('are told in a dry run, and nothing is written', async () => {
    const { result, told } = await applied({ dryRun: true });
    expect(result.failures.size).toBe(0);
    expect(told('slurm-state', 'web2')).toEqual([
      "prove that /srv/state is the same folder on boss, web2, and slurm's",
      'keep the state of Slurm in /srv/state',
      'write the drop-in of slurmctld.service',
    ]);
    expect([folder.mark, folder.users.size]).toEqual(['', 0]);
    for (const host of fixture.hosts.values()) expect(host.uploads).toEqual([]);
  });

  it('are not started where the folder is missing on one, and nothing is installed there', async () => {
    slurm.get('web2')!.folder = undefined;
    const { result } = await applied();
    expect(result.failures.get('web2')?.message).toMatch(/web2 has no folder \/srv\/state/u);
    expect([...slurm.get('web2')!.installed]).toEqual([]);
    expect(result.failures.get('boss')?.message).toMatch(/web2: a controller of Slurm that has failed/u);
    expect(confOf('boss')).toBe('');
  });

  it('are not started where what one writes is not seen by the other', async () => {
    slurm.get('web2')!.folder = new FakeFolder();
    fixture.host('web2').trouble('look for the mark in the folder of the state', { stderr: '' });
    const { result } = await applied();
    for (const name of controllers)
      expect(result.failures.get(name)?.message).toMatch(/\/srv\/state on web2 is not the folder that boss has there/u);
    expect(result.failures.get('web1')?.message).toMatch(/The controller of Slurm has failed/u);
    expect([confOf('boss'), confOf('web2'), confOf('web1')]).toEqual(['', '', '']);
  });

  it('leave the one that answers alone when the other does not come up with a change', async () => {
    await applied();
    const before = confOf('boss');
    spoilHardware();
    fixture.host('web2').trouble('wait for slurmctld', { stderr: 'fatal: bad configuration' });
    const { result } = await applied();
    expect(result.failures.get('web2')?.message).toContain('fatal: bad configuration');
    expect(result.failures.get('boss')?.message).toMatch(/boss was left as it is, because the controller web2 has failed/u);
    expect(confOf('boss')).toBe(before);
    expect(fixture.host('boss').steps).not.toContain('start slurmctld.service');
  });

  it('keep each other’s lines while one cannot be reached, and nodes go on with the other', async () => {
    await applied();
    const before = confOf('web2');
    fixture.unreachable.set('web2', new Error('no route'));
    spoilHardware();
    const { result } = await applied();
    expect([...result.failures.keys()]).toEqual(['web2']);
    expect(confOf('boss').split('\n').slice(0, 5)).toEqual(before.split('\n').slice(0, 5));
    expect(confOf('web1')).toBe(confOf('boss'));
    expect(confOf('web1')).not.toBe(before);
  });

  it('do not begin while one of them cannot be reached', async () => {
    fixture.unreachable.set('web2', new Error('no route'));
    const { result } = await applied();
    expect(result.failures.get('boss')?.message).toMatch(/web2: a controller of Slurm that has failed .* does not have yet/u);
    expect(confOf('boss')).toBe('');
  });

  it('change together: not one of them with the other outside --limit', async () => {
    await applied();
    fixture.host('boss').files.set('/etc/slurm/slurm.conf', `${confOf('boss')}# spoilt\n`);
    fixture.host('web2').files.set('/etc/slurm/slurm.conf', confOf('boss'));
    const { result } = await applied({ limit: new Set(['web2']) });
    expect(result.failures.get('web2')?.message).toMatch(/change together, and boss is outside --limit.*'web2,boss'/u);
    expect(fixture.host('boss').uploads).toEqual([]);
  });

  it('do not take up a folder with one of them outside --limit', async () => {
    const { result } = await applied({ limit: new Set(['boss']) });
    expect(result.failures.get('boss')).toBeDefined();
    expect([folder.mark, confOf('web2')]).toEqual(['', '']);
  });

  it('go by the one that has a configuration when the other is a new machine', async () => {
    await applied();
    for (const path of ['/etc/slurm/slurm.conf', '/etc/munge/munge.key']) fixture.host('boss').files.delete(path);
    fixture.host('boss').files.set('/etc/munge/munge.key', 'a new one');
    const { told } = await applied();
    expect(told('slurm-controller', 'boss')).toContain('take the munge key of web2');
    expect(told('slurm-controller', 'web2')).toEqual([]);
    expect(keyOf('boss')).toBe('key of boss');
  });

  it('send scripts that are valid for a POSIX shell', async () => {
    await applied();
    const sent = [...fixture.hosts.values()].flatMap((host) =>
      host.sent.filter(({ label }) => /slurm|state|munge|mark|Slurm/u.test(label)),
    );
    for (const [script, label] of new Map(sent.map((one) => [one.script, one.label])))
      expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });
});

describe('a state that moves', () => {
  const alone = slurmInventory;
  const shared = `${slurmInventory}slurm_state_folder=/srv/state\n`;
  beforeEach(async () => {
    reread(alone);
    await applied();
    slurm.get('boss')!.hasCurrentState = true;
  });

  it('is copied to the folder before the controllers start with it', async () => {
    reread(inventory);
    const { result, told } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(told('slurm-state', 'boss')).toContain('stop slurmctld and copy its state from /var/lib/slurm/slurmctld to /srv/state');
    expect(slurm.get('boss')!.copied).toEqual(['/var/lib/slurm/slurmctld -> /srv/state']);
    const labels = fixture.host('boss').sent.map(({ label }) => label);
    const order = ['mark the folder of the state', 'stop slurmctld for its state to move', 'copy the state of Slurm', 'wait for slurmctld'];
    expect(order.map((label) => labels.indexOf(label))).toEqual(order.map((label) => labels.indexOf(label)).toSorted((a, b) => a - b));
    expect(folder.mark).toContain('from=boss:/var/lib/slurm/slurmctld');
    expect(fixture.host('web2').sent.map(({ label }) => label)).toContain('stop slurmctld for its state to move');
  });

  it('serves one controller too, and goes back when the folder is not asked for any more', async () => {
    reread(shared);
    await applied();
    expect(confOf('web1')).toContain('StateSaveLocation=/srv/state\n');
    reread(alone);
    const { told } = await applied();
    expect(told('slurm-state', 'boss')).toEqual([
      'stop slurmctld and copy its state from /srv/state to /var/lib/slurm/slurmctld',
      'remove the drop-in of slurmctld.service',
    ]);
    expect(dropInOf('boss')).toBeUndefined();
    expect(confOf('web1')).toContain('StateSaveLocation=/var/lib/slurm/slurmctld\n');
  });

  it('stays where it is when the copy fails, and the next run copies again', async () => {
    reread(shared);
    fixture.host('boss').trouble('copy the state of Slurm', { stderr: 'No space left on device' });
    const { result } = await applied();
    expect(result.failures.get('boss')?.message).toContain('No space left on device');
    expect(confOf('boss')).toContain('StateSaveLocation=/var/lib/slurm/slurmctld\n');
    fixture.host('boss').trouble('copy the state of Slurm', undefined);
    folder.hasState = true;
    expect((await applied()).result.failures.size).toBe(0);
    expect(confOf('boss')).toContain('StateSaveLocation=/srv/state\n');
    expect(fixture.host('boss').services.get('slurmctld.service')?.active).toBe(true);
  });
});
