import { describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { before, finishedCluster } from '../../test/installed-host.ts';
import { apply, type ApplyResult } from '../index.ts';
import { controlPhase } from './control.ts';

const applyTo = (fixture: ClusterFixture): Promise<ApplyResult> => apply(fixture.options(), new KeptReport());

async function planFor(fixture: ClusterFixture, name = 'web1'): Promise<string[]> {
  const { run, host } = await before('control', fixture);
  await controlPhase.before?.(run.hosts, run);
  return ClusterFixture.planOf(controlPhase, host(name), run);
}

const keysPath = '/var/lib/muster-control/.ssh/authorized_keys';
const everything = [
  'make the user muster-control',
  'write /var/lib/muster-control/control',
  `write ${keysPath}`,
  'write /etc/sudoers.d/muster-control',
];
const withoutControl = (yesOrNo: string) => `
[driver]
boss ansible_host=10.0.0.10
[worker]
web1 ansible_host=10.0.0.11 muster_control=${yesOrNo}
`;

describe('the control access of a bare host', () => {
  it('is a user, three files, and a host key that the server keeps', async () => {
    expect(await planFor(new ClusterFixture())).toEqual([...everything, 'pin the SSH host key of web1 on the server']);
  });

  it('lets in the key of the server, restricted to one program', async () => {
    const fixture = await finishedCluster();
    expect(fixture.host('web1').files.get(keysPath)).toBe(
      `restrict,command="/var/lib/muster-control/control" ${fixture.muster.publicKey} muster-control\n`,
    );
  });

  it('pins the key by which this run has known the host, with the port of its SSH server', async () => {
    const fixture = new ClusterFixture();
    fixture.host('web1').sshPort = '2222';
    fixture.host('web2').sshPort = 'what; touch owned';
    await applyTo(fixture);
    expect(fixture.muster.control.get('web1')).toEqual({
      address: '10.0.0.11',
      port: 2222,
      hostKeys: [fixture.host('web1').hostKey],
      full: false,
    });
    expect(fixture.muster.control.get('web2')?.port).toBe(22);
  });

  it('is announced to the server before the host lets its key in', async () => {
    const fixture = new ClusterFixture();
    let pinned: unknown;
    fixture.host('web1').trouble('enable the control access', () => {
      pinned = fixture.muster.control.get('web1');
    });
    await applyTo(fixture);
    expect(pinned).toBeDefined();
  });

  it('costs no host but the one that has no sudo, which is told what to do', async () => {
    const fixture = new ClusterFixture();
    fixture.host('web1').sudo = '';
    const { failures } = await applyTo(fixture);
    expect([...failures.keys()]).toEqual(['web1']);
    expect(failures.get('web1')?.message).toContain('web1 has no sudo');
    expect(failures.get('web1')?.message).toContain('muster_control=no');
    expect(fixture.muster.control.has('web1')).toBe(false);
  });

  it.each(['/usr/bin/systemctl start x', '/tmp/$(touch owned)', "/a'b", 'systemctl', '/bin/a\tb'])(
    'takes no path for a program that is %j',
    async (path) => {
      const fixture = new ClusterFixture();
      fixture.host('web1').systemctl = path;
      const { failures } = await applyTo(fixture);
      expect(failures.get('web1')).toMatchObject({ phase: 'control', message: expect.stringContaining('has no systemctl') });
    },
  );
});

describe('the control access of a finished cluster', () => {
  it('is left as it is', async () => expect(await planFor(await finishedCluster())).toEqual([]));

  it.each([
    ['a program that someone changed', '/var/lib/muster-control/control', ['change /var/lib/muster-control/control']],
    ['another key that someone let in', keysPath, [`change ${keysPath}`]],
    ['a rule that someone widened', '/etc/sudoers.d/muster-control', ['change /etc/sudoers.d/muster-control']],
  ])('is put right: %s', async (_what, path, plan) => {
    const fixture = await finishedCluster();
    const right = fixture.host('web1').files.get(path);
    fixture.host('web1').files.set(path, 'ALL=(ALL) NOPASSWD: ALL');
    expect(await planFor(fixture)).toEqual(plan);
    await applyTo(fixture);
    expect(fixture.host('web1').files.get(path)).toBe(right);
    expect(fixture.host('web2').steps).toEqual([]);
  });

  it('is put right where the user has another shell', async () => {
    const fixture = await finishedCluster();
    fixture.host('web1').controlAccount = '/var/lib/muster-control:/bin/bash';
    expect(await planFor(fixture)).toEqual(['make the user muster-control']);
  });

  it.each([
    ['another host key, after a reinstallation', { hostKeys: ['ssh-ed25519 b2xk'] }],
    ['another port', { port: 2222 }],
    ['another address', { address: '10.9.9.9' }],
  ])('is pinned anew: %s', async (_what, change) => {
    const fixture = await finishedCluster();
    const right = fixture.muster.control.get('web1');
    if (right === undefined) throw new Error('web1 was not pinned');
    fixture.muster.control.set('web1', { ...right, ...change });
    expect(await planFor(fixture)).toEqual(['pin the SSH host key of web1 on the server']);
    await applyTo(fixture);
    expect(fixture.muster.control.get('web1')).toEqual(right);
    expect(fixture.host('web1').steps).toEqual([]);
  });

  it('follows the key of the server, when that is another one', async () => {
    const fixture = await finishedCluster();
    fixture.muster.publicKey = 'ssh-ed25519 AAAAanother';
    expect(await planFor(fixture)).toEqual([`change ${keysPath}`]);
    await applyTo(fixture);
    expect(fixture.host('web1').files.get(keysPath)).toContain('ssh-ed25519 AAAAanother');
  });

  it('has both keys while another one is to follow, and only that one afterwards', async () => {
    const fixture = await finishedCluster();
    const { publicKey } = fixture.muster;
    const lines = () => fixture.host('web1').files.get(keysPath)?.split('\n').filter(Boolean) ?? [];
    const [before = ''] = lines();
    fixture.muster.nextPublicKey = 'ssh-ed25519 AAAAnext';
    expect(await planFor(fixture)).toEqual([`change ${keysPath}`]);
    await applyTo(fixture);
    expect(lines()).toEqual([before, before.replace(publicKey, 'ssh-ed25519 AAAAnext')]);
    Object.assign(fixture.muster, { publicKey: 'ssh-ed25519 AAAAnext', nextPublicKey: null });
    await applyTo(fixture);
    expect(lines()).toEqual([before.replace(publicKey, 'ssh-ed25519 AAAAnext')]);
    expect(await planFor(fixture)).toEqual([]);
  });

  it('goes on after a failure between any two of its steps', async () => {
    for (const step of [
      'muster node ensure',
      'make the folders of the control access',
      `upload ${keysPath}`,
      'upload /var/lib/muster-control/sudoers',
      'enable the control access',
    ]) {
      const fixture = new ClusterFixture();
      const host = fixture.host(step.startsWith('muster') ? 'boss' : 'web1');
      // The first time `node ensure` is asked is the phase before.
      if (step.startsWith('muster')) host.trouble(step, () => host.trouble(step, new Error('lost')));
      else host.trouble(step, new Error('lost'));
      const first = await applyTo(fixture);
      expect([step, first.failures.get('web1')?.phase]).toEqual([step, 'control']);
      host.trouble(step, undefined);
      expect([step, (await applyTo(fixture)).failures.size]).toEqual([step, 0]);
      expect([step, await planFor(fixture)]).toEqual([step, []]);
    }
  });
});

describe('muster_control=no', () => {
  it('leaves a bare host without it, and does not ask the server to try', async () => {
    const fixture = new ClusterFixture(withoutControl('no'));
    expect((await applyTo(fixture)).failures.size).toBe(0);
    expect(fixture.host('web1').controlAccount).toBe('');
    expect([...fixture.muster.control.keys()]).toEqual(['boss']);
  });

  it('takes it away from a host that has it, once', async () => {
    const fixture = await finishedCluster(withoutControl('yes'));
    const later = new ClusterFixture(withoutControl('no'));
    const web1 = later.host('web1');
    for (const name of ['boss', 'web1']) Object.assign(later.host(name), { ...fixture.host(name), muster: fixture.muster });
    expect(await planFor(later)).toEqual([
      'take away the user muster-control with the key of the server',
      'forget the SSH host key of web1 on the server',
    ]);
    expect((await applyTo(later)).failures.size).toBe(0);
    expect([web1.controlAccount, [...web1.files.keys()].filter((path) => path.includes('control'))]).toEqual(['', []]);
    expect([...fixture.muster.control.keys()]).toEqual(['boss']);
    expect(await planFor(later)).toEqual([]);
  });

  it.each(['maybe', '2', 'nope'])('is no answer when it is %s, and is told in the preflight', async (answer) => {
    const fixture = new ClusterFixture(withoutControl(answer));
    const { failures } = await applyTo(fixture);
    expect(failures.get('web1')).toMatchObject({
      phase: 'preflight',
      message: expect.stringContaining(`muster_control is "${answer}": write yes, no or full`),
    });
  });

  it.each(['False', 'NO', 'off', '0', 'True', 'yes'])('may be written %s', async (answer) => {
    const fixture = new ClusterFixture(withoutControl(answer));
    expect((await applyTo(fixture)).failures.size).toBe(0);
    expect(fixture.muster.control.has('web1')).toBe(['True', 'yes'].includes(answer));
  });
});

describe('the last look', () => {
  it('fails a host to which the server cannot log in by itself, with what it says and what to do', async () => {
    const fixture = await finishedCluster();
    fixture.muster.locked.set('web1', 'web1 (10.0.0.11:22): cannot connect: EHOSTUNREACH.');
    const { failures } = await applyTo(fixture);
    expect([...failures.keys()]).toEqual(['web1']);
    expect(failures.get('web1')?.message).toContain('cannot connect: EHOSTUNREACH');
    expect(failures.get('web1')?.message).toContain('muster_control=no');
  });
});

describe('a dry run', () => {
  it('is no failure where the server is of a version that does not know the question', async () => {
    const fixture = await finishedCluster();
    fixture.host('boss').trouble('muster agent access', { stderr: "error: unknown command 'agent'" });
    const report = new KeptReport();
    expect((await apply(fixture.options({ dryRun: true }), report)).failures.size).toBe(0);
    expect(report.outcomes.filter(({ phase }) => phase === 'control').map(({ status }) => status)).toEqual(
      Array.from({ length: 3 }, () => 'would-change'),
    );
  });
});

describe('a host that the inventory gives to the server whole', () => {
  const sudoersPath = '/etc/sudoers.d/muster-control';

  /** The same hosts with another answer in the inventory. */
  function later(fixture: ClusterFixture, answer: string): ClusterFixture {
    const next = new ClusterFixture(withoutControl(answer));
    for (const name of ['boss', 'web1']) Object.assign(next.host(name), { ...fixture.host(name), muster: fixture.muster });
    return next;
  }

  it('is widened by one run, told to the server, and left as it is by the next', async () => {
    const full = later(await finishedCluster(withoutControl('yes')), 'full');
    expect(await planFor(full)).toEqual([
      'change /var/lib/muster-control/control',
      'change /var/lib/muster-control/.ssh/authorized_keys',
      'change /etc/sudoers.d/muster-control',
      'let the server act as root on web1, for runs',
    ]);
    expect((await applyTo(full)).failures.size).toBe(0);
    expect(full.host('web1').files.get(sudoersPath)).toContain('NOPASSWD: ALL');
    // A console is a program that needs a terminal; nothing else of the restrictions falls.
    expect(full.host('web1').files.get('/var/lib/muster-control/.ssh/authorized_keys')).toMatch(/^restrict,pty,command="/u);
    expect(full.host('boss').files.get('/var/lib/muster-control/.ssh/authorized_keys')).toMatch(/^restrict,command="/u);
    expect([full.muster.control.get('web1')?.full, full.muster.control.get('boss')?.full]).toEqual([true, false]);
    expect(await planFor(full)).toEqual([]);
  });

  it('is narrowed again when the inventory says so no more', async () => {
    const first = await finishedCluster(withoutControl('yes'));
    const narrow = first.host('web1').files.get(sudoersPath);
    const full = later(first, 'full');
    await applyTo(full);
    const again = later(full, 'yes');
    expect(await planFor(again)).toContain('let the server do no more on web1 than its agent needs');
    expect((await applyTo(again)).failures.size).toBe(0);
    expect(again.host('web1').files.get(sudoersPath)).toBe(narrow);
    expect(again.muster.control.get('web1')?.full).toBe(false);
  });
});
