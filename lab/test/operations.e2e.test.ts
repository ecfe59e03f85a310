import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';

const lab = openLab({ name: `operations-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
const names = ['node1', 'node2', 'node3'];

type SeenTask = { readonly nodeName: string; readonly state: string; readonly exitStatus: number | null; readonly message: string };
type SeenOperation = { readonly id: string; readonly state: string };

/** The muster command on the server's host, whatever it ends with. */
const muster = (...args: string[]) => lab.run('node1', ['muster', ...args], { timeoutSeconds: 150 });

/** Begins something and does not wait for it; its id. */
async function begin(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await muster(command, '--no-wait', '-o', 'json', ...args);
  if (code !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as SeenOperation).id;
}

async function tasksOf(id: string): Promise<Map<string, SeenTask>> {
  const { stdout } = await lab.run('node1', [
    'curl',
    '--silent',
    '--unix-socket',
    '/run/muster/muster.sock',
    `http://localhost/api/v1/operations/${id}/tasks?limit=100`,
  ]);
  return new Map((JSON.parse(stdout) as { items: SeenTask[] }).items.map((task) => [task.nodeName, task]));
}

const untilState = (id: string, name: string, state: string | RegExp, seconds = 90) =>
  expect
    .poll(async () => (await tasksOf(id).catch(() => new Map<string, SeenTask>())).get(name)?.state, {
      timeout: seconds * 1000,
      interval: 300,
    })
    .toMatch(state);

beforeAll(async () => {
  await lab.down();
  await lab.up(3);
  const { code, finished } = await cluster.applyJson();
  expect({ code, ...finished }).toMatchObject({ code: 0, failed: 0 });
});

afterAll(() => lab.down());

/** The tests build on each other. */
describe('a command on real hosts', () => {
  it('is off until the configuration says otherwise', async () => {
    const { code, stderr } = await muster('exec', 'all', '--', 'true');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/exec/u)]);
    const dropIn = '/etc/systemd/system/muster.service.d';
    await cluster.on(
      'node1',
      `mkdir -p ${dropIn}; printf '[Service]\\nEnvironment=MUSTER_EXEC_ENABLED=true\\n' > ${dropIn}/exec.conf; systemctl daemon-reload; systemctl restart muster`,
    );
    for (const name of names) await cluster.until(name, 'good', 90);
  });

  it('runs as root in a unit of its own, as it is written: no shell sees it', async () => {
    const { code, stdout } = await muster('exec', 'all', '--', 'printf', '%s\n', '$(id)', 'a;b', "it's");
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.trim())).toEqual(expect.arrayContaining(['$(id)', 'a;b', "it's"]));
    const unit = await muster('exec', 'node2', '--', 'sh', '-c', 'id -un; cat /proc/self/cgroup; touch /etc/outside-the-sandbox');
    expect(unit.stdout).toMatch(/root\n[^]*muster-task-[0-9a-f-]+\.service/u);
    expect(await cluster.on('node2', 'ls /etc/outside-the-sandbox')).toBe('/etc/outside-the-sandbox');
  });

  it('gives each node its exit status, folded by identical result, and fails where one has failed', async () => {
    const { code, stdout } = await muster('exec', 'all', '--', 'sh', '-c', 'test "$(hostname)" != node3 || exit 7');
    expect(code).toBe(1);
    expect(stdout).toMatch(/node3/u);
    expect(stdout).toMatch(/node\[1-2\]/u);
    expect(stdout).toMatch(/7/u);
  });

  it('is ended with all its processes when its time is over', async () => {
    const { code } = await muster('exec', 'node2', '--timeout', '2', '--', 'sh', '-c', 'sleep 4711 & sleep 4711');
    expect(code).toBe(1);
    expect(await cluster.on('node2', 'pgrep -fc "^sleep 4711" || true')).toBe('0');
  });

  it('that poisons its agent blocks none of the later ones', async () => {
    // Output that is no text and does not end, arguments beyond reason, a unit that cannot be, and a command that kills its own agent.
    const poison = [
      await begin('exec', 'node2', '--timeout', '5', '--', 'sh', '-c', 'cat /dev/urandom'),
      await begin('exec', 'node2', '--', '/no/such/program', 'x'.repeat(100_000)),
      await begin('exec', 'node2', '--', 'sh', '-c', 'systemctl kill --signal=KILL --kill-who=main muster-agent; sleep 30'),
    ];
    const later = await begin('exec', 'node2', '--', 'echo', 'still here');
    for (const id of poison) await untilState(id, 'node2', /failed|unknown/u, 120);
    await untilState(later, 'node2', 'succeeded', 120);
    expect((await muster('operation', 'show', later)).stdout).toContain('still here');
    await cluster.until('node2', 'good');
  });

  it('that an agent was doing when it was killed is unknown, what is left of it ended, and it is not repeated', async () => {
    const id = await begin('exec', 'node3', '--', 'sh', '-c', 'echo begun >> /root/times; sleep 4712');
    await expect.poll(() => cluster.on('node3', 'cat /root/times 2>/dev/null || true'), { timeout: 20_000 }).toBe('begun');
    await cluster.on('node3', 'systemctl kill --signal=KILL --kill-who=main muster-agent');
    await untilState(id, 'node3', 'unknown');
    expect(await cluster.on('node3', 'cat /root/times; pgrep -fc "^sleep 4712" || true')).toBe('begun\n0');
  });

  it('is done once though its node was cut off in the middle, and its end is told when that is back', async () => {
    const id = await begin('exec', 'node3', '--', 'sh', '-c', 'echo once >> /root/once; sleep 12; echo done');
    await expect.poll(() => cluster.on('node3', 'cat /root/once 2>/dev/null || true'), { timeout: 20_000 }).toBe('once');
    await lab.cut('node3', { silent: true });
    await cluster.until('node3', 'bad');
    await lab.heal('node3');
    await untilState(id, 'node3', 'succeeded', 120);
    expect(await cluster.on('node3', 'cat /root/once')).toBe('once');
  });

  it('is done once though the server was killed while it ran', async () => {
    const id = await begin('exec', 'all', '--', 'sh', '-c', 'echo twice >> /root/twice; sleep 3');
    await expect.poll(() => cluster.on('node3', 'cat /root/twice 2>/dev/null || true'), { timeout: 20_000 }).toBe('twice');
    await cluster.on('node1', 'systemctl kill --signal=KILL --kill-who=main muster');
    for (const name of names) await untilState(id, name, 'succeeded', 120);
    for (const name of names) expect(await cluster.on(name, 'cat /root/twice')).toBe('twice');
  });

  it('waits for a node that is off, and expires where it stays off', async () => {
    await lab.cut('node3', { silent: true });
    await cluster.until('node3', 'bad');
    const short = await muster('exec', 'node3', '--begin-within', '1', '--', 'touch', '/root/expired');
    expect(short.code).toBe(1);
    const long = await begin('exec', 'node3', '--', 'touch', '/root/waited');
    await lab.heal('node3');
    await untilState(long, 'node3', 'succeeded', 120);
    expect(await cluster.on('node3', 'ls /root/waited /root/expired 2>/dev/null || true')).toBe('/root/waited');
  });
});

describe('a service on real hosts', () => {
  it('is stopped on purpose, which is remembered, and started again for one service everywhere', async () => {
    expect((await muster('service', 'stop', 'cron', 'node[2-3]', '--batch', '1', '--max-fail', '0')).code).toBe(0);
    expect(await cluster.on('node2', 'systemctl is-active cron || true')).toBe('inactive');
    // node2 watches ssh only; what is remembered of a unit that it does not watch is the event.
    expect((await muster('events', '-o', 'json')).stdout).toMatch(/"service-stopped-on-purpose"/u);
    expect((await muster('service', 'start', 'cron', 'all')).code).toBe(0);
    for (const name of names) expect(await cluster.on(name, 'systemctl is-active cron')).toBe('active');
  });

  it('stops a rolling restart after as many failures as were allowed', async () => {
    await cluster.on('node1', 'systemctl mask --now --runtime cron');
    const { code, stdout } = await muster('service', 'restart', 'cron', 'node[1-3]', '--batch', '1', '--max-fail', '0', '-o', 'json');
    expect(code).toBe(1);
    expect(stdout).toMatch(/cancelled/u);
    await cluster.on('node1', 'systemctl unmask --runtime cron; systemctl start cron');
  });
});

describe('one join token', () => {
  it('used by two hosts at the same moment makes exactly one of them a node', async () => {
    await cluster.muster('node', 'add', 'raced');
    const made = JSON.parse(await cluster.muster('node', 'token', 'raced', '-o', 'json')) as { token: string };
    const enrol = (host: string) =>
      lab.run(host, ['sh', '-c', 'muster-agent enroll --state-dir /root/raced --token-file -'], { input: made.token, timeoutSeconds: 60 });
    const ends = await Promise.all(['node2', 'node3'].map(enrol));
    expect(ends.map(({ code }) => code).filter((code) => code === 0)).toHaveLength(1);
    expect(ends.find(({ code }) => code !== 0)?.stderr).toMatch(/used/u);
  });
});

describe('an agent that asks for the certificate of another node', () => {
  const csr = (name: string, alternative: string) =>
    cluster.on(
      'node2',
      `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /root/made-up.key -out /root/made-up.csr \
        -subj /CN=${name} -addext subjectAltName=${alternative} 2>/dev/null`,
    );
  const ask = async (): Promise<unknown> =>
    JSON.parse(await cluster.on('node2', '/opt/muster-agent/runtime/node /root/renew-as.mts node1 /root/made-up.csr'));
  const idOf = async (name: string) => (JSON.parse(await cluster.muster('node', 'show', name, '-o', 'json')) as { id: string }).id;

  it('is refused, and neither node has another certificate than before', async () => {
    const program = readFileSync(join(import.meta.dirname, 'on-host', 'renew-as.ts'), 'utf8');
    await cluster.on('node2', `cat > /root/renew-as.mts <<'END'\n${program}\nEND`);
    const serials = async () => [...(await cluster.nodes()).values()].map((node) => [node.name, node.certificateSerial]);
    const before = await serials();
    const refused = (what: string) => ({ type: 'renewal-refused', id: 'mine', reason: expect.stringContaining(what) as string });
    await csr('node3', 'DNS:node3');
    expect(await ask()).toMatchObject(refused('CN=node3'));
    await csr('node2', `DNS:node2,URI:urn:muster:node:${await idOf('node3')}`);
    expect(await ask()).toMatchObject(refused('the URI'));
    // The same program gets an answer where it asks for its own.
    await csr('node2', 'DNS:node2');
    expect(await ask()).toMatchObject({ type: 'certificate', id: 'mine' });
    expect(await serials()).toEqual(before);
    for (const name of ['node2', 'node3']) await cluster.until(name, 'good');
  });
});
