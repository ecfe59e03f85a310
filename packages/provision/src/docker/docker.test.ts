import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { apply } from '../index.ts';
import { mergedDaemonJson } from './daemon-json.ts';
import { dockerPackages, dockerUsers, wantedDaemonKeys } from './wanted-docker.ts';

const inventory = '[driver]\nboss ansible_host=10.0.0.10\n[worker]\nweb1 ansible_host=10.0.0.11\n';
const hostOf = (variables: string, group = 'worker') => {
  const { cluster } = new ClusterFixture(`[driver]\nboss\n[${group}]\nweb1 ${variables}\n`);
  return cluster.hosts.find(({ name }) => name === 'web1') ?? cluster.hosts[0]!;
};

describe('Docker is asked for', () => {
  it.each([
    ['', 'worker', false],
    ['install_docker=yes', 'worker', true],
    ['docker_repo=https://mirror.example/debian', 'worker', true],
    ['docker_repo=https://mirror.example/debian install_docker=false', 'worker', false],
    ['convect_workdir=/tmp/hub has_gpu=false', 'worker', false],
    ['', 'docker', true],
    ['install_docker=no', 'worker', false],
  ])('%s in [%s]: %s', (variables, group, expected) => {
    expect(hostOf(variables, group).roles.includes('docker')).toBe(expected);
  });

  it('in words that are yes or no', () => {
    expect(() => hostOf('install_docker=maybe')).toThrow(/web1: install_docker is "maybe": write yes or no/u);
  });

  it("as Docker's own packages or the distribution's", () => {
    expect(dockerPackages(hostOf(''), undefined)).toEqual(['docker.io']);
    expect(dockerPackages(hostOf(''), ['docker-ce_27_amd64.deb'])).toContain('docker-ce');
    expect(dockerPackages(hostOf('docker_repo=https://mirror.example'), undefined)).toContain('containerd.io');
  });

  it('for users that have such names', () => {
    expect(dockerUsers(hostOf('docker_users=ada,bob'))).toEqual(['ada', 'bob']);
    expect(() => dockerUsers(hostOf("docker_users='ada;reboot'"))).toThrow(/docker_users has "ada;reboot"/u);
  });
});

describe('daemon.json', () => {
  it('keeps what somebody has set, and joins maps', () => {
    const before = '{"debug": true, "runtimes": {"mine": {"path": "/bin/mine"}}}';
    const merged = mergedDaemonJson('web1', before, { 'log-driver': 'local', runtimes: { nvidia: { path: 'n' } } });
    expect(JSON.parse(merged ?? '')).toEqual({
      debug: true,
      'log-driver': 'local',
      runtimes: { mine: { path: '/bin/mine' }, nvidia: { path: 'n' } },
    });
  });

  it('is not touched where it says the same in other words', () => {
    expect(mergedDaemonJson('web1', '{ "b": [1],\n "a": {"y": 1, "x": 2} }', { a: { x: 2, y: 1 }, b: [1] })).toBeUndefined();
    expect(mergedDaemonJson('web1', '', {})).toBeUndefined();
  });

  it('that Docker could not read is not replaced', () => {
    for (const text of ['{', '[]', 'null'])
      expect(() => mergedDaemonJson('web1', text, { a: 1 })).toThrow(/web1 has a \/etc\/docker\/daemon\.json that is not a JSON object/u);
  });

  it('takes a map of the inventory, or text', () => {
    const given = `docker_daemon='{"log-driver": "local", "debug": True}' docker_registry_mirrors=https://mirror.example`;
    expect(wantedDaemonKeys(hostOf(given))).toEqual({
      'registry-mirrors': ['https://mirror.example'],
      'log-driver': 'local',
      debug: true,
    });
    expect(wantedDaemonKeys(hostOf(`docker_daemon='{"debug": true}'`))).toEqual({ debug: true });
    expect(() => wantedDaemonKeys(hostOf('docker_daemon=debug'))).toThrow(/docker_daemon is not a JSON object/u);
  });
});

/** What the look at a host prints. */
const seen = (change: Readonly<Record<string, string>> = {}): string =>
  Object.entries({
    codename: 'bookworm',
    missing: 'docker.io',
    daemon_json: '',
    active: 'inactive',
    enabled: 'disabled',
    pending: 'no',
    ...change,
  })
    .filter(([, value]) => value !== '-')
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

describe('the phase of Docker', () => {
  let fixture: ClusterFixture;
  let look: string;
  beforeEach(() => prepare('install_docker=yes\ndocker_daemon={"debug": True}\n'));

  function prepare(variables: string): void {
    fixture = new ClusterFixture(`${inventory}[all:vars]\n${variables}`);
    look = seen();
    for (const host of fixture.hosts.values())
      host.more.push(({ label }) => {
        if (label === 'look at Docker') return look;
        const known =
          /^(?:install docker|let Docker trust|note (?:the network|that Docker)|keep |add users|start docker|run a container|prepare )/u;
        return known.test(label) ? '' : undefined;
      });
  }

  async function applied(change: Parameters<ClusterFixture['options']>[0] = {}) {
    const report = new KeptReport();
    const result = await apply(fixture.options(change), report);
    const told = report.outcomes.filter(({ phase, host }) => phase === 'docker' && host === 'web1').flatMap(({ changes }) => changes);
    return { result, changes: told, told: told.map(({ what }) => what) };
  }

  it('notes the network, installs, configures, starts and tries', async () => {
    const { result, told } = await applied();
    expect(result.failures.size).toBe(0);
    expect(told).toEqual(['install docker.io', 'write /etc/docker/daemon.json', 'start docker.service']);
    const labels = fixture.host('web1').steps;
    const inOrder = [
      'note the network before Docker',
      'install docker.io',
      'keep /etc/docker/daemon.json',
      'start docker.service',
      'run a container',
    ];
    expect(labels.filter((label) => inOrder.includes(label))).toEqual(inOrder);
    expect(fixture.host('web1').files.get('/etc/docker/daemon.json')).toBe('{\n  "debug": true\n}\n');
  });

  it('changes nothing where all is as it should be', async () => {
    const daemon = Buffer.from('{"debug":true}').toString('base64');
    look = seen({ missing: '-', daemon_json: daemon, active: 'active', enabled: 'enabled' });
    expect((await applied()).told).toEqual([]);
  });

  it('makes up for a restart that an earlier run has not done', async () => {
    const daemon = Buffer.from('{"debug":true}').toString('base64');
    look = seen({ missing: '-', daemon_json: daemon, active: 'active', enabled: 'enabled', pending: 'yes' });
    expect((await applied()).told).toEqual(['restart docker.service']);
  });

  it('keeps mode and owner of a daemon.json, and tells only the keys that change', async () => {
    prepare('install_docker=yes\ndocker_daemon={"debug": True, "log-driver": "local"}\n');
    const daemon = Buffer.from('{"log-driver": "local", "http-proxy": "http://ada:secret@proxy"}').toString('base64');
    look = seen({ missing: '-', daemon_json: daemon, daemon_attributes: '600 0:42' });
    const { changes } = await applied();
    const change = changes.find(({ what }) => what === 'write /etc/docker/daemon.json');
    expect(JSON.parse(change?.content ?? '')).toEqual({ debug: true });
    const upload = fixture.host('web1').uploads.find(({ path }) => path === '/etc/docker/daemon.json');
    expect(upload).toMatchObject({ mode: 0o600, owner: '0:42', content: expect.stringContaining('ada:secret') as string });
  });

  it('proves in the next run what an earlier one could not', async () => {
    const daemon = Buffer.from('{"debug":true}').toString('base64');
    look = seen({ missing: '-', daemon_json: daemon, active: 'active', enabled: 'enabled', unproven: 'yes' });
    const trouble = { exitCode: 1, stderr: 'no container runs' };
    fixture.host('web1').trouble('run a container', trouble);
    const { result, told } = await applied();
    expect(told).toEqual(['prove that Docker runs a container']);
    expect(result.failures.get('web1')?.message).toContain('no container runs');
    const labels = fixture.host('web1').sent.map(({ label }) => label);
    expect(labels.indexOf('note that Docker is to be proved')).toBeLessThan(labels.indexOf('run a container'));
  });

  it('leaves a Docker alone that was there before', async () => {
    look = seen({ foreign: 'yes' });
    expect((await applied()).told).toEqual([]);
    expect(fixture.host('web1').steps.some((label) => /docker/iu.test(label))).toBe(false);
  });

  it('names a user that the host does not know, before anything is changed', async () => {
    look = `${seen()}unknown_user:ada\n`;
    const { result } = await applied();
    expect(result.failures.get('web1')?.message).toMatch(/web1 has no user ada \(docker_users\)/u);
    expect(fixture.host('web1').uploads.filter(({ path }) => path.includes('docker'))).toEqual([]);
  });

  it('wants to know why a mirror is to be believed', async () => {
    prepare('docker_repo=https://mirror.example/debian\n');
    const { result } = await applied({ dryRun: true });
    expect(result.failures.get('web1')?.message).toMatch(/docker_repo needs docker_repo_key.*or docker_repo_trusted=yes/u);
  });

  it('writes the source of a mirror', async () => {
    prepare('docker_repo=https://mirror.example/debian\ndocker_repo_trusted=yes\n');
    const { told } = await applied();
    expect(told[0]).toBe('write /etc/apt/sources.list.d/muster-docker.sources');
    expect(fixture.host('web1').files.get('/etc/apt/sources.list.d/muster-docker.sources')).toBe(
      '# Written by "muster apply".\nTypes: deb\nURIs: https://mirror.example/debian\nSuites: bookworm\nComponents: stable\nTrusted: yes\n',
    );
  });

  describe('with a registry in the inventory', () => {
    const good = { missing: '-', daemon_json: Buffer.from('{"debug":true}').toString('base64'), active: 'active', enabled: 'enabled' };
    const useRegistry = () => prepare('install_docker=yes\ndocker_daemon={"debug": True}\n[registry]\nboss\n');
    const trusting = () => fixture.host('web1').sent.filter(({ label }) => label === 'let Docker trust the registry');

    it('lets Docker trust it by its address and port, without a restart', async () => {
      useRegistry();
      look = seen(good);
      expect((await applied()).told).toEqual(['let Docker trust the registry 10.0.0.10:5000']);
      expect(trusting()[0]?.script).toMatch(
        /^ln -sfT \/etc\/muster\/pki\/current\/ca\.pem '\/etc\/docker\/certs\.d\/10\.0\.0\.10:5000\/ca\.crt'$/mu,
      );
      expect(fixture.host('web1').steps).not.toContain('start docker.service');
    });

    it('changes nothing where it does, whoever has made it so', async () => {
      useRegistry();
      look = `${seen(good)}trusts=10.0.0.10:5000\n`;
      expect((await applied()).told).toEqual([]);
      look += 'trusts_ours=10.0.0.10:5000\n';
      expect((await applied()).told).toEqual([]);
    });

    it('takes back what a run has made for one that has moved or is gone, and leaves what others have made', async () => {
      useRegistry();
      look = `${seen(good)}trusts=10.0.0.10:5000\ntrusts=10.0.0.7:5000\ntrusts_ours=10.0.0.7:5000\ntrusts=10.0.0.8:5000\n`;
      expect((await applied()).told).toEqual(['let Docker no longer trust the registry 10.0.0.7:5000']);
      prepare('install_docker=yes\ndocker_daemon={"debug": True}\n');
      look = `${seen(good)}trusts=10.0.0.10:5000\ntrusts_ours=10.0.0.10:5000\n`;
      expect((await applied()).told).toEqual(['let Docker no longer trust the registry 10.0.0.10:5000']);
      expect(trusting()[0]?.script).toContain("for link in '/etc/docker/certs.d/10.0.0.10:5000/ca.crt'");
    });

    it('keeps what it has while the host of the registry cannot be reached', async () => {
      useRegistry();
      fixture.unreachable.set('boss', new Error('no route'));
      look = `${seen(good)}trusts=10.0.0.9:5000\ntrusts_ours=10.0.0.9:5000\n`;
      expect((await applied()).told).toEqual([]);
    });

    it('leaves a Docker that was there before as it is', async () => {
      useRegistry();
      look = seen({ foreign: 'yes' });
      expect([(await applied()).told, trusting()]).toEqual([[], []]);
    });
  });

  it('sends scripts that are valid for a POSIX shell', async () => {
    prepare('install_docker=yes\ndocker_daemon={"debug": True}\n[registry]\nboss\n');
    look = `${seen()}trusts_ours=10.0.0.7:5000\n`;
    await applied();
    for (const { label, script } of fixture.host('web1').sent) expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });
});
