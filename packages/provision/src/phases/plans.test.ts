import { describe, expect, it } from 'vitest';
import { ClusterFixture } from '../../test/cluster-fixture.ts';
import type { FakeHost } from '../../test/fake-host.ts';
import { before, finishedCluster } from '../../test/installed-host.ts';
import type { Phase } from '../engine/phase.ts';
import { agentPhase } from './agent.ts';
import { enrolPhase } from './enrol.ts';
import { serverPhase } from './server.ts';
import { stagePhase } from './stage.ts';

/** What a phase would change on a host, with all phases before it having looked. */
async function planOf<Observed>(phase: Phase<Observed>, fixture: ClusterFixture, name: string): Promise<string[]> {
  const { run, host } = await before(phase.name, fixture);
  return ClusterFixture.planOf(phase, host(name), run);
}

const installAgent = 'install the agent 0.2.0 in /opt/muster-agent';
const restartAgent = 'restart muster-agent.service';
const noChange = { stage: [], server: [], agent: [], enrol: [] };

const makeFolders = 'make /etc/muster/pki and /etc/muster/hooks.d, for services that use the certificate';

/** Of each phase what it would do, on the driver for the server and on web1 for the rest. */
const plansOf = async (fixture: ClusterFixture) => ({
  stage: await planOf(stagePhase, fixture, 'web1'),
  server: await planOf(serverPhase, fixture, 'boss'),
  agent: await planOf(agentPhase, fixture, 'web1'),
  enrol: await planOf(enrolPhase, fixture, 'web1'),
});

describe('the plans', () => {
  it('for bare hosts are everything', async () => {
    const fixture = new ClusterFixture();
    expect(await plansOf(fixture)).toEqual({
      stage: ['upload muster-agent-0.2.0-x64.tar.gz'],
      server: [
        'make the system user muster',
        'install the server 0.2.0 in /opt/muster',
        'write /etc/muster/muster.yaml',
        'write /etc/systemd/system/muster.service',
        'enable muster.service',
        'start muster.service',
      ],
      agent: [installAgent, 'write /etc/muster/agent.json', 'write /etc/systemd/system/muster-agent.service', makeFolders],
      enrol: ['add the node web1', 'enrol the agent with a fresh token', 'enable muster-agent.service', 'start muster-agent.service'],
    });
    expect(await planOf(stagePhase, fixture, 'boss')).toEqual([
      'upload muster-server-0.2.0-x64.tar.gz',
      'upload muster-agent-0.2.0-x64.tar.gz',
    ]);
  });

  it.each([
    ['url=yes', /^The server on boss uses the database of a pool or one of your own/u],
    ['left=yes', /^What the embedded database of boss held was moved into another one/u],
  ])('for a server alone that had another database are refused: %s', async (line, reason) => {
    const fixture = new ClusterFixture();
    fixture.host('boss').more.push(({ label }) => (label === 'look at the server' ? line : undefined));
    await expect(planOf(serverPhase, fixture, 'boss')).rejects.toThrow(reason);
  });

  it('for a finished cluster are empty', async () => expect(await plansOf(await finishedCluster())).toEqual(noChange));

  const afterwards: {
    what: string;
    change: (web1: FakeHost, boss: FakeHost) => void;
    plans: Partial<Awaited<ReturnType<typeof plansOf>>>;
  }[] = [
    {
      what: 'another release of the agent',
      change: (web1) => void web1.releases.set('muster-agent', 'f'.repeat(64)),
      plans: { stage: ['upload muster-agent-0.2.0-x64.tar.gz'], agent: [installAgent], enrol: [restartAgent] },
    },
    {
      what: "an agent's configuration that someone changed",
      change: (web1) => void web1.files.set('/etc/muster/agent.json', '{}'),
      plans: { agent: ['change /etc/muster/agent.json'], enrol: [restartAgent] },
    },
    {
      what: 'a unit of the agent that is of an earlier release',
      change: (web1) => void web1.files.set('/etc/systemd/system/muster-agent.service', 'older'),
      plans: { agent: ['write /etc/systemd/system/muster-agent.service'], enrol: [restartAgent] },
    },
    {
      what: 'a host whose folders for other services somebody removed',
      change: (web1) => {
        web1.hasFolders = false;
      },
      plans: { agent: [makeFolders], enrol: [restartAgent] },
    },
    {
      what: 'an agent that is stopped',
      change: (web1) => void web1.services.set('muster-agent.service', { active: false, enabled: true }),
      plans: { enrol: ['start muster-agent.service'] },
    },
    {
      what: 'an agent that would not start at boot',
      change: (web1) => void web1.services.set('muster-agent.service', { active: true, enabled: false }),
      plans: { enrol: ['enable muster-agent.service'] },
    },
    {
      what: 'an agent that lost its identity',
      change: (web1) => {
        web1.isEnrolled = false;
      },
      plans: { enrol: ['enrol the agent with a fresh token, and revoke its certificate from before', restartAgent] },
    },
    {
      what: 'a host that was enrolled before there were marks',
      change: (web1) => {
        web1.mark = '';
      },
      plans: { enrol: ['write /etc/muster/node-id'] },
    },
    {
      what: 'an agent that an interrupted run did not restart',
      change: (web1) => void web1.pending.add('muster-agent.service'),
      plans: { enrol: [restartAgent] },
    },
    {
      what: 'a node that was removed',
      change: (web1) => void web1.muster.nodes.delete('web1'),
      plans: { enrol: ['add the node web1', 'enrol the agent with a fresh token', restartAgent] },
    },
    {
      what: 'a node that was added again by hand',
      change: (web1) => web1.muster.put('web1', { registration: 'pending' }),
      plans: { enrol: ['enrol the agent with a fresh token', restartAgent] },
    },
    {
      what: 'a node with another address',
      change: (web1) => web1.muster.put('web1', { privateIp: '10.9.9.9' }),
      plans: { enrol: ['change its private IP from 10.9.9.9 to 10.0.0.11'] },
    },
    {
      what: 'a node without an address',
      change: (web1) => web1.muster.put('web1', { privateIp: null }),
      plans: { enrol: ['change its private IP from none to 10.0.0.11'] },
    },
    {
      what: 'a node in other groups',
      change: (web1) => web1.muster.put('web1', { groups: ['old', 'worker'] }),
      plans: { enrol: ['change its groups to worker'] },
    },
    {
      what: 'labels and notes of an administrator, of which the inventory says nothing',
      change: (web1) => web1.muster.put('web1', { labels: { rack: 'z' }, notes: 'mine', environments: 'off' }),
      plans: {},
    },
    {
      what: 'another release of the server',
      change: (_web1, boss) => void boss.releases.set('muster', 'f'.repeat(64)),
      plans: { server: ['install the server 0.2.0 in /opt/muster', 'restart muster.service'] },
    },
    {
      what: 'a configuration of the server that someone changed',
      change: (_web1, boss) => void boss.files.set('/etc/muster/muster.yaml', ''),
      plans: { server: ['change /etc/muster/muster.yaml', 'restart muster.service'] },
    },
    {
      what: 'a unit of the server that someone removed',
      change: (_web1, boss) => void boss.files.delete('/etc/systemd/system/muster.service'),
      plans: { server: ['write /etc/systemd/system/muster.service', 'restart muster.service'] },
    },
    {
      what: 'a server that an interrupted run did not restart',
      change: (_web1, boss) => void boss.pending.add('muster.service'),
      plans: { server: ['restart muster.service'] },
    },
    {
      what: 'a server that hangs, or speaks another version',
      change: (_web1, boss) => boss.trouble('muster nodes', { stderr: 'no answer' }),
      plans: { server: ['restart muster.service'], enrol: ['add the node web1', 'enrol the agent with a fresh token', restartAgent] },
    },
  ];
  it.each(afterwards)('after $what are only that', async ({ change, plans }) => {
    const fixture = await finishedCluster();
    change(fixture.host('web1'), fixture.host('boss'));
    expect(await plansOf(fixture)).toEqual({ ...noChange, ...plans });
  });

  it('follow what the inventory says of units and labels', async () => {
    const inventory =
      '[driver]\nboss ansible_host=10.0.0.10\n[worker]\nweb1 ansible_host=10.0.0.11 muster_watch=slurmd.service muster_labels=rack=a\n';
    const fixture = await finishedCluster(inventory);
    expect(JSON.parse(fixture.host('web1').files.get('/etc/muster/agent.json') ?? '')).toEqual({ watch: ['slurmd.service'] });
    expect(fixture.muster.nodes.get('web1')).toMatchObject({ labels: { rack: 'a' }, groups: ['worker'] });
    fixture.muster.put('web1', { labels: { rack: 'b' } });
    expect((await plansOf(fixture)).enrol).toEqual(['change its labels to rack=a']);
  });

  it('name the units that wait for the certificate, where the inventory does', async () => {
    const fixture = await finishedCluster(
      '[driver]\nboss ansible_host=10.0.0.10 muster_start_after_enrolment=nginx.service,slurmd.service\n',
    );
    expect(JSON.parse(fixture.host('boss').files.get('/etc/muster/agent.json') ?? '')).toMatchObject({
      startAfterEnrolment: ['nginx.service', 'slurmd.service'],
    });
  });

  it('watch the SSH server, and on the driver the management server', async () => {
    const fixture = await finishedCluster();
    const watchedOn = (name: string): unknown => JSON.parse(fixture.host(name).files.get('/etc/muster/agent.json') ?? '');
    expect(watchedOn('boss')).toEqual({ watch: ['ssh.service', 'muster.service'] });
    expect(watchedOn('web1')).toEqual({ watch: ['ssh.service'] });
  });
});
