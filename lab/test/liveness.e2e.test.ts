import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';

const lab = openLab({ name: `liveness-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
const names = ['node1', 'node2', 'node3', 'node4', 'node5'];
const controlled = names.slice(0, 4);

type SeenEvent = { readonly id: number; readonly kind: string; readonly nodeName: string | null; readonly message: string };
type SeenTask = { readonly nodeName: string; readonly state: string; readonly message: string };
type Liveness = { readonly effectiveThresholdSeconds: number; readonly brake: { readonly message: string } | null };

/** Seconds of silence, in the tests of the monitor. */
const thresholdSeconds = 20;

const events = async (after: number, kind: string): Promise<SeenEvent[]> => {
  const list = JSON.parse(await cluster.muster('events', '--limit', '500', '-o', 'json')) as SeenEvent[];
  return list.filter((event) => event.id > after && event.kind === kind);
};
const lastEvent = async (): Promise<number> =>
  Math.max(0, ...(JSON.parse(await cluster.muster('events', '--limit', '1', '-o', 'json')) as SeenEvent[]).map(({ id }) => id));
const status = async () =>
  JSON.parse(await cluster.muster('status', '-o', 'json')) as { agentLiveness: Liveness; graceUntil: string | null };
const agentOf = async (name: string) =>
  (JSON.parse(await cluster.muster('node', 'show', name, '-o', 'json')) as { agent: { state: string; message: string } }).agent;

/** An order to agents, as somebody on the server's host gives it. */
async function order(action: string, range: string): Promise<{ code: number; tasks: Map<string, SeenTask> }> {
  const { code, stdout } = await lab.run('node1', ['muster', 'agent', action, range, '-o', 'json'], { timeoutSeconds: 120 });
  return { code, tasks: new Map((JSON.parse(stdout) as SeenTask[]).map((task) => [task.nodeName, task])) };
}

const pidOf = (name: string) => cluster.on(name, 'systemctl show -p MainPID --value muster-agent');
const unitState = (name: string) => cluster.on(name, 'systemctl is-active muster-agent || true');

const keysPath = '/var/lib/muster-control/.ssh/authorized_keys';
const addressOf = (name: string) => lab.hosts.find((host) => host.name === name)?.address ?? '';
const sshOptions = () => ['-F', 'none', '-i', lab.privateKeyPath, '-o', `UserKnownHostsFile=${lab.knownHostsPath}`, '-o', 'BatchMode=yes'];

/** Logs in to node2 as the server would, with the lab's key. */
const tryKey = (options: readonly string[], ...request: readonly string[]) =>
  lab.exec(['ssh', ...sshOptions(), ...options, `muster-control@${addressOf('node2')}`, ...request], { timeoutSeconds: 30 });

const refusedRequests: readonly (readonly string[])[] = [
  ['id'],
  ['start', 'ssh.service'],
  ['restart;', 'touch', '/tmp/owned'],
  ['$(touch /tmp/owned)'],
  ['stop\nid'],
  ['/bin/sh', '-i'],
  ['systemctl', 'stop', 'ssh'],
  [],
];

beforeAll(async () => {
  await lab.down();
  await lab.up(5);
  cluster.setVariables('muster_watch=ssh.service\n\n[without]\nnode5\n\n[without:vars]\nmuster_control=no');
});

afterAll(() => lab.down());

/** The tests stand in the order of a cluster's life and build on each other. */
describe('the way of the server to the agents', () => {
  it('is made by apply on every host that does not do without', async () => {
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 5, failed: 0, failures: [] });
    for (const name of controlled) {
      expect(await cluster.on(name, 'getent passwd muster-control | cut -d: -f6,7')).toBe(
        '/var/lib/muster-control:/var/lib/muster-control/control',
      );
      expect(await cluster.on(name, 'getent shadow muster-control | cut -d: -f2')).toBe('*');
    }
    expect(
      await cluster.on('node5', 'getent passwd muster-control || echo none; ls /etc/sudoers.d /var/lib | grep control || echo none'),
    ).toBe('none\nnone');
  });

  it('is left as it is by a second run', async () => {
    const state = () => Promise.all(names.map((name) => cluster.snapshot(name)));
    // An agent notes, some seconds after its enrolment, that the services have its certificate.
    const isSettled = (name: string) => cluster.on(name, 'grep -c "\\"settled\\": true" /var/lib/muster-agent/adoption.json || true');
    for (const name of names) await expect.poll(() => isSettled(name), { timeout: 60_000, interval: 300 }).toBe('1');
    const before = await state();
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
    expect(await state()).toEqual(before);
  });

  it('is seen by a look, with the line to run by hand where there is none', async () => {
    const { code, stdout } = await lab.run('node1', ['muster', 'agent', 'check', ...names]);
    expect(code).toBe(1);
    for (const name of controlled) expect(stdout).toMatch(new RegExp(`^${name} +yes +active$`, 'mu'));
    expect(stdout).toMatch(/^node5 +failed .*ssh node5 sudo systemctl is-active muster-agent$/mu);
  });

  it('restarts agents, many at once, with a result for each', async () => {
    const before = new Map(await Promise.all(names.map(async (name) => [name, await pidOf(name)] as const)));
    const { code, tasks } = await order('restart', 'node[1-5]');
    expect(code).toBe(1);
    for (const name of controlled) {
      expect(tasks.get(name)).toMatchObject({ state: 'succeeded', message: 'The agent was restarted; its unit is active.' });
      expect(await pidOf(name)).not.toBe(before.get(name));
    }
    expect(tasks.get('node5')).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('By hand: ssh node5 sudo systemctl restart muster-agent'),
    });
    expect(await pidOf('node5')).toBe(before.get('node5'));
    for (const name of names) await cluster.until(name, 'good');
  });

  it('is a key that can do nothing else, whatever is tried with it', async () => {
    // The lab's key in the line of the server's, whose private half nobody has.
    const own = (await lab.exec(['ssh-keygen', '-y', '-f', lab.privateKeyPath])).stdout.split(' ').slice(0, 2).join(' ');
    await cluster.on('node2', `cp ${keysPath} /root/keys; sed -i 's|ssh-ed25519 [^ ]*|${own}|' ${keysPath}`);
    expect(await cluster.on('node2', `cut -d' ' -f1 ${keysPath}`)).toBe('restrict,command="/var/lib/muster-control/control"');
    expect(await tryKey([], 'is-active')).toMatchObject({ code: 0, stdout: 'active\n' });
    const pid = await pidOf('node2');
    for (const request of refusedRequests) {
      const { code, stdout, stderr } = await tryKey([], ...request);
      expect([request, code, stdout]).toEqual([request, 77, '']);
      expect(stderr).toContain('does nothing else');
    }
    const tty = await tryKey(['-tt'], 'id');
    expect([tty.code !== 0, tty.stdout, tty.stderr]).toEqual([true, '', expect.stringContaining('PTY allocation request failed')]);
    const forward = await tryKey(['-W', '127.0.0.1:22']);
    expect([forward.code !== 0, forward.stderr]).toEqual([true, expect.stringContaining('administratively prohibited')]);
    const remote = await tryKey(['-o', 'ExitOnForwardFailure=yes', '-R', '2000:127.0.0.1:22'], 'is-active');
    expect([remote.code !== 0, remote.stderr]).toEqual([true, expect.stringContaining('remote port forwarding failed')]);
    const copied = await lab.exec(['scp', ...sshOptions(), lab.knownHostsPath, `muster-control@${addressOf('node2')}:/tmp/owned`], {
      timeoutSeconds: 30,
    });
    expect(copied.code).not.toBe(0);
    // Handing on an agent of keys would leave its socket in /tmp for as long as the session lasts.
    await tryKey(['-A'], 'is-active');
    expect(await cluster.on('node2', 'ls -d /tmp/owned /tmp/ssh-* 2>/dev/null || echo none')).toBe('none');
    expect(await pidOf('node2')).toBe(pid);
    // Also a key without any restriction ends at the program: it is the login shell.
    await cluster.on('node2', `echo '${own}' > ${keysPath}`);
    for (const request of [['id'], ['restart'], []]) expect([request, (await tryKey([], ...request)).code]).toEqual([request, 77]);
    expect(await cluster.on('node2', "su muster-control -c 'id' 2>&1 || echo $?")).toMatch(/77$/u);
  });

  it('is what it was when apply has run again', async () => {
    const { finished } = await cluster.applyJson();
    expect(finished).toMatchObject({ changed: 1, failed: 0 });
    await cluster.on('node2', `cmp /root/keys ${keysPath} && rm /root/keys`);
    expect((await order('restart', 'node2')).code).toBe(0);
  });

  it('gives its user nothing but three commands, and nothing to write', async () => {
    const asUser = (command: string) =>
      cluster.on(
        'node2',
        `setpriv --reuid muster-control --regid muster-control --clear-groups ${command} >/dev/null 2>&1 && echo yes || echo no`,
      );
    expect(await asUser('sudo -n systemctl restart muster-agent.service')).toBe('yes');
    for (const command of [
      'sudo -n systemctl restart muster-agent.service ssh.service',
      'sudo -n systemctl restart ssh.service',
      'sudo -n systemctl --root=/ restart muster-agent.service',
      'sudo -n systemctl edit muster-agent.service',
      'sudo -n -e /etc/passwd',
      'sudo -n sh',
      'touch /var/lib/muster-control/x',
      'touch /var/lib/muster-control/.ssh/authorized_keys',
      'sh -c "echo >> /var/lib/muster-control/control"',
    ]) {
      expect([command, await asUser(command)]).toEqual([command, 'no']);
    }
    await cluster.until('node2', 'good');
  });

  it('remembers a stop: nothing starts that agent again until somebody does', async () => {
    expect((await order('stop', 'node2')).tasks.get('node2')).toMatchObject({
      state: 'succeeded',
      message: 'The agent was stopped; its unit is inactive.',
    });
    expect(await agentOf('node2')).toMatchObject({ state: 'stopped', message: 'Stopped by local administrator.' });
    await cluster.until('node2', 'bad');
    await cluster.on('node1', 'systemctl restart muster');
    await expect
      .poll(() => agentOf('node2').catch(() => undefined), { timeout: 60_000, interval: 1000 })
      .toMatchObject({ state: 'stopped' });
    expect(await unitState('node2')).toBe('inactive');
    expect((await order('start', 'node2')).code).toBe(0);
    await cluster.until('node2', 'good');
    expect((await agentOf('node2')).state).toBe('normal');
  });

  it('is not taken on a host that shows another key, and an event says so', async () => {
    const from = await lastEvent();
    await cluster.on('node4', 'mkdir /root/old && mv /etc/ssh/ssh_host_* /root/old/ && ssh-keygen -A >/dev/null && systemctl restart ssh');
    const { code, tasks } = await order('restart', 'node4');
    expect(code).toBe(1);
    expect(tasks.get('node4')).toMatchObject({ state: 'failed', message: expect.stringContaining('the host key has changed') });
    expect(await events(from, 'host-key-changed')).toMatchObject([{ nodeName: 'node4' }]);
    await order('restart', 'node4');
    expect(await events(from, 'host-key-changed')).toHaveLength(1);
    await cluster.on('node4', 'mv /root/old/* /etc/ssh/ && systemctl restart ssh');
    expect((await order('restart', 'node4')).code).toBe(0);
  });
});

describe('the liveness monitor', () => {
  it('takes its threshold from the configuration, and begins once agents had time to come back', async () => {
    const dropIn = '/etc/systemd/system/muster.service.d';
    await cluster.on(
      'node1',
      `mkdir -p ${dropIn}; printf '[Service]\\nEnvironment=MUSTER_AGENT_LIVENESS_THRESHOLD=${thresholdSeconds}s\\n' > ${dropIn}/liveness.conf; systemctl daemon-reload; systemctl restart muster`,
    );
    await expect.poll(async () => (await status().catch(() => undefined))?.graceUntil, { timeout: 120_000, interval: 1000 }).toBeNull();
    expect((await status()).agentLiveness).toMatchObject({ enabled: true, effectiveThresholdSeconds: thresholdSeconds, brake: null });
    for (const name of names) await cluster.until(name, 'good', 90);
  });

  it('restarts an agent that was killed and that nobody else brings back', async () => {
    const from = await lastEvent();
    await cluster.on(
      'node2',
      'mkdir -p /run/systemd/system/muster-agent.service.d; printf "[Service]\\nRestart=no\\n" > /run/systemd/system/muster-agent.service.d/no.conf; systemctl daemon-reload',
    );
    const pid = await pidOf('node2');
    await cluster.on('node2', `kill -9 ${pid}`);
    await cluster.until('node2', 'bad');
    await cluster.until('node2', 'good', 90);
    expect(await pidOf('node2')).not.toBe(pid);
    expect(await events(from, 'agent-restarted')).toMatchObject([
      { nodeName: 'node2', message: expect.stringMatching(/Not heard for \d+ s: restart 1 of 5\. It was restarted\./u) },
    ]);
    await expect.poll(() => agentOf('node2'), { timeout: 20_000, interval: 500 }).toMatchObject({ state: 'normal' });
    await cluster.on('node2', 'rm -r /run/systemd/system/muster-agent.service.d; systemctl daemon-reload');
  });

  it('restarts an agent that hangs, which its host does not see', async () => {
    const pid = await pidOf('node3');
    await cluster.on('node3', `kill -STOP ${pid}`);
    await cluster.until('node3', 'bad');
    await cluster.until('node3', 'good', 90);
    expect(await pidOf('node3')).not.toBe(pid);
  });

  it('restarts nothing when three of five hosts are cut off, says why, and begins with fresh clocks when they return', async () => {
    const from = await lastEvent();
    const cutOff = ['node3', 'node4', 'node5'];
    const before = await Promise.all(cutOff.map(pidOf));
    await Promise.all(cutOff.map((name) => lab.cut(name, { silent: true })));
    await expect
      .poll(async () => (await status()).agentLiveness.brake?.message, { timeout: 60_000, interval: 500 })
      .toMatch(/^3 of 5 nodes are unheard at once\. No agent is restarted/u);
    expect(await cluster.muster('status')).toContain('BRAKE');
    expect(await events(from, 'liveness-brake')).toHaveLength(1);
    expect(await cluster.on('node1', 'journalctl -u muster --since -2min -o cat --no-pager | grep -c "unheard at once"')).not.toBe('0');
    // Well past the threshold nothing has been tried.
    await sleep(thresholdSeconds * 1000);
    for (const name of cutOff) expect(await agentOf(name)).toMatchObject({ state: 'normal' });
    await Promise.all(cutOff.map((name) => lab.heal(name)));
    await expect.poll(async () => (await status()).agentLiveness.brake, { timeout: 90_000, interval: 500 }).toBeNull();
    expect(await events(from, 'agent-restarted')).toEqual([]);
    expect(await Promise.all(cutOff.map(pidOf))).toEqual(before);
    expect(await events(from, 'liveness-brake')).toHaveLength(2);
    for (const name of cutOff) await cluster.until(name, 'good', 90);
  });
});

describe('the journal of a unit', () => {
  it('is shown from another host', async () => {
    await cluster.on('node2', 'systemctl restart cron');
    expect(await cluster.muster('logs', 'node2', 'cron', '-n', '5')).toMatch(/^\d{4}-\d\d-\d\dT.*Z {2}.*cron/mu);
  });

  it('is followed as it grows, and ends on its node when its reader leaves', async () => {
    await cluster.on('node1', 'muster logs node2 cron -f -n 0 >/tmp/live 2>&1 & echo $! >/tmp/pid');
    const isRead = () => cluster.on('node2', "pgrep -fc '^journalctl.*--unit=cron.service' || true");
    await expect.poll(isRead, { timeout: 20_000, interval: 300 }).toBe('1');
    await cluster.on('node2', 'systemctl restart cron');
    await expect.poll(() => cluster.on('node1', 'cat /tmp/live'), { timeout: 20_000, interval: 300 }).toContain('Started cron.service');
    await cluster.on('node1', 'kill $(cat /tmp/pid)');
    await expect.poll(isRead, { timeout: 20_000, interval: 300 }).toBe('0');
  });

  it('of a unit that is not there says so', async () => {
    const { code, stderr } = await lab.run('node1', ['muster', 'logs', 'node2', 'shh']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('there is no unit shh.service on this node')]);
  });

  it('is bounded: a flood is counted, and the agent stays what it is', async () => {
    await cluster.on(
      'node2',
      "systemd-run -q --unit flood sh -c 'i=0; while [ $i -lt 60000 ]; do echo flood $i; i=$((i + 1)); done; sleep 60'",
    );
    const { stdout } = await lab.run('node1', ['timeout', '15', 'muster', 'logs', 'node2', 'flood', '-f', '-o', 'json'], {
      timeoutSeconds: 60,
    });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { text?: string; dropped?: number });
    expect(lines.filter(({ text }) => text?.includes('flood') === true).length).toBeGreaterThan(500);
    expect(lines.length).toBeLessThan(60_000);
    const node = (await cluster.nodes()).get('node2');
    expect(node).toMatchObject({ connected: true, health: { state: 'good' } });
    await cluster.on('node2', 'systemctl stop flood');
  });
});

describe('muster_control=no for all', () => {
  it('takes everything away again, and once', async () => {
    cluster.setVariables('muster_control=no');
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 4, failed: 0 });
    for (const name of names) {
      expect(
        await cluster.on(
          name,
          'getent passwd muster-control; getent group muster-control; ls -d /var/lib/muster-control* /etc/sudoers.d/muster-control* 2>/dev/null; true',
        ),
      ).toBe('');
    }
    expect(JSON.parse(await cluster.muster('agent', 'access', '-o', 'json'))).toMatchObject({ items: [] });
    expect((await cluster.applyJson()).finished).toMatchObject({ changed: 0, failed: 0 });
  });
});
