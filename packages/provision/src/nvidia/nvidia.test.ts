import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { apply } from '../index.ts';
import { nouveauFile, rebootReason } from './look.ts';
import { driverPackages } from './wanted-nvidia.ts';
import { createHash } from 'node:crypto';

const nouveauHash = createHash('sha256').update(nouveauFile.content).digest('hex');
const good = { card: 'yes', nouveau_file: nouveauHash, kernel: '6.1.0-1-amd64', answers: 'yes' };
const lines = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

describe('a reboot', () => {
  it.each([
    [{ isNouveauLoaded: false, answers: true }, undefined],
    [{ isNouveauLoaded: true, answers: true }, 'nouveau still has the cards'],
    [{ isNouveauLoaded: false, answers: false }, 'nvidia-smi does not reach the driver yet'],
  ])('of %o: %s', (seen, reason) => expect(rebootReason(seen)).toBe(reason));
});

describe('packages of the driver', () => {
  const hostOf = (variables: string) => new ClusterFixture(`[driver]\nboss ${variables}\n`).cluster.driver!;

  it.each([
    ['', 'debian', ['linux-headers-6.1', 'nvidia-driver', 'nvidia-smi', 'nvidia-persistenced']],
    ['', 'ubuntu', ['linux-headers-6.1', 'nvidia-headless-535-server', 'nvidia-utils-535-server']],
    ['nvidia_driver_branch=570', 'ubuntu', ['linux-headers-6.1', 'nvidia-headless-570-server', 'nvidia-utils-570-server']],
    ['nvidia_packages=mine', 'arch', ['mine']],
  ])('%s on %s', (variables, osId, names) => expect(driverPackages(hostOf(variables), { osId, kernel: '6.1' })).toEqual(names));

  it.each([
    ['', 'rocky', /it is not known what the packages of the NVIDIA driver are called on rocky/u],
    ['nvidia_driver_branch=new', 'ubuntu', /nvidia_driver_branch is "new"/u],
    ["nvidia_packages='a b'", 'debian', /nvidia_packages has "a b"/u],
  ])('%s on %s is refused', (variables, osId, reason) =>
    expect(() => driverPackages(hostOf(variables), { osId, kernel: '6.1' })).toThrow(reason),
  );
});

describe('the phase of NVIDIA cards', () => {
  let fixture: ClusterFixture;
  let looks: string[];
  let missing: string;
  beforeEach(() => prepare('has_gpu=true'));

  /** Each look takes the next of `looks`; the last one stays. */
  function prepare(variables: string): void {
    fixture = new ClusterFixture(`[driver]\nboss ansible_host=10.0.0.10 ${variables}\n`);
    looks = [lines(good)];
    missing = '';
    fixture.host('boss').more.push(({ label }) => {
      if (label === 'look at the NVIDIA driver') return looks.length > 1 ? looks.shift() : looks[0];
      if (label === 'look for packages of NVIDIA') return missing;
      const known =
        /^(?:install nvidia|note (?:the boot|what is loaded)|make the initramfs|load the NVIDIA|keep |start docker|nvidia-smi)/u;
      return known.test(label) ? '' : undefined;
    });
  }

  async function applied() {
    const report = new KeptReport();
    const result = await apply(fixture.options(), report);
    const told = report.outcomes.filter(({ phase }) => phase === 'nvidia').flatMap(({ changes }) => changes.map(({ what }) => what));
    return { told, failure: result.failures.get('boss')?.message };
  }

  it('changes nothing where the driver answers', async () => {
    expect(await applied()).toEqual({ told: [], failure: undefined });
  });

  it('is not there without has_gpu', async () => {
    prepare('');
    await applied();
    expect(fixture.host('boss').sent.some(({ label }) => label.includes('NVIDIA'))).toBe(false);
  });

  it('refuses a host without a card', async () => {
    looks = [lines({ ...good, card: 'no' })];
    expect((await applied()).failure).toMatch(/boss has has_gpu=yes and no NVIDIA card.*nvidia_check_hardware=no/u);
  });

  it('installs, and needs no reboot where the driver answers then', async () => {
    looks = [lines({ ...good, nouveau_file: 'none', answers: 'no' }), lines(good)];
    missing = 'missing=nvidia-driver\nmissing=nvidia-smi\n';
    const { told, failure } = await applied();
    expect(failure).toBeUndefined();
    expect(told).toEqual([
      'write /etc/modprobe.d/muster-nouveau.conf',
      'install nvidia-driver, nvidia-smi',
      'reboot, if nvidia-smi does not answer then',
    ]);
    const { steps, files } = fixture.host('boss');
    expect(steps).not.toContain('reboot the host');
    expect(steps.indexOf('note the boot')).toBeLessThan(steps.indexOf('install nvidia-driver, nvidia-smi'));
    expect(files.get('/etc/modprobe.d/muster-nouveau.conf')).toContain('blacklist nouveau');
  });

  it('says that a reboot is needed where it may not do it', async () => {
    prepare('has_gpu=true nvidia_reboot=no');
    looks = [lines({ ...good, nouveau_file: 'none', nouveau: 'yes' })];
    expect((await applied()).failure).toMatch(
      /boss has to be rebooted for its NVIDIA driver: nouveau still has the cards.*nvidia_reboot=no/u,
    );
  });

  it('does not reboot for a driver that is broken after its reboot', async () => {
    looks = [lines({ ...good, answers: 'no' })];
    expect((await applied()).failure).toMatch(
      /has the packages of the NVIDIA driver, and nvidia-smi does not reach.*although it was booted since/u,
    );
    expect(fixture.host('boss').steps).not.toContain('reboot the host');
  });

  it('wants an answer of a driver that is not its own', async () => {
    prepare('has_gpu=true install_nvidia_driver=false');
    expect((await applied()).failure).toBeUndefined();
    looks = [lines({ ...good, answers: 'no' })];
    expect((await applied()).failure).toMatch(/boss has install_nvidia_driver=no, and nvidia-smi does not reach/u);
  });

  it('makes the runtime known to a Docker of a run only', async () => {
    prepare('has_gpu=true nvidia_container_toolkit=yes');
    expect((await applied()).told).toEqual([]);
    looks = [lines({ ...good, docker: 'ours', daemon_json: Buffer.from('{"debug":true}').toString('base64') })];
    expect((await applied()).told).toEqual(['write /etc/docker/daemon.json', 'restart docker.service']);
    expect(JSON.parse(fixture.host('boss').files.get('/etc/docker/daemon.json') ?? '')).toEqual({
      debug: true,
      runtimes: { nvidia: { path: 'nvidia-container-runtime', runtimeArgs: [] } },
    });
  });

  it('sends scripts that are valid for a POSIX shell', async () => {
    looks = [lines({ ...good, nouveau_file: 'none' })];
    missing = 'missing=nvidia-driver\n';
    await applied();
    for (const { label, script } of fixture.host('boss').sent) expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });
});
