import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';

const lab = openLab({ name: `rotation-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
const names = Array.from({ length: 10 }, (_, index) => `node${index + 1}`);

type SeenOperation = { readonly id: string; readonly state: string; readonly counts: Record<string, number> };
type SeenTask = { readonly nodeName: string; readonly state: string; readonly message: string };
type SeenEvent = { readonly id: number; readonly kind: string; readonly nodeName: string | null; readonly message: string };
type ClientReport = {
  readonly tried: number;
  readonly served: number;
  readonly failures: string[];
  readonly serials: Record<string, string[]>;
};

/** The API on the server's host. */
async function api<T>(path: string, body?: unknown): Promise<T> {
  const data = body === undefined ? [] : ['-H', 'content-type: application/json', '-d', JSON.stringify(body)];
  const { code, stdout, stderr } = await lab.run('node1', [
    'curl',
    '--silent',
    '--show-error',
    '--fail-with-body',
    '--globoff',
    '--unix-socket',
    '/run/muster/muster.sock',
    ...data,
    `http://localhost/api/v1${path}`,
  ]);
  if (code !== 0) throw new Error(`${path}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

const rotate = (range: string, rest: Record<string, unknown> = {}) =>
  api<SeenOperation>('/operations', { spec: { kind: 'rotate' }, range, ...rest });

/** Waits for the end of an operation; also where its server has just been killed. */
async function ended(id: string, withinSeconds: number): Promise<SeenTask[]> {
  await expect
    .poll(
      () =>
        api<SeenOperation>(`/operations/${id}`).then(
          ({ state }) => state,
          () => 'away',
        ),
      { timeout: withinSeconds * 1000, interval: 500 },
    )
    .not.toMatch(/running|away/u);
  return (await api<{ items: SeenTask[] }>(`/operations/${id}/tasks?limit=100`)).items;
}

const serials = async (): Promise<Map<string, string | null>> =>
  new Map([...(await cluster.nodes())].map(([name, node]) => [name, node.certificateSerial]));
/** Serials of every certificate that is accepted now. */
const accepted = async (): Promise<string[]> =>
  (await api<{ items: { serial: string }[] }>('/certificates?limit=1000')).items.map(({ serial }) => serial);
const lastEvent = async (): Promise<number> =>
  Math.max(0, ...(await api<{ items: SeenEvent[] }>('/events?limit=1')).items.map(({ id }) => id));
const eventsSince = async (id: number, kinds: readonly string[]) =>
  (await api<{ items: SeenEvent[] }>('/events?limit=1000')).items.filter((event) => event.id > id && kinds.includes(event.kind));

const onHost = (file: string) => readFileSync(join(import.meta.dirname, 'on-host', file), 'utf8');

/** A TLS service on a host that takes the node's certificate from the stable path, and the hook that tells it of a new one. */
const setUpService = (name: string) =>
  cluster.on(
    name,
    `set -e
cat > /root/tls-service.mts <<'END'
${onHost('tls-service.ts')}
END
for i in $(seq 150); do [ -e /etc/muster/pki/current/ca.pem ] && break; sleep 0.3; done
systemd-run --quiet --unit=tls-service /opt/muster-agent/runtime/node /root/tls-service.mts
for i in $(seq 100); do ss -ltn | grep -q :8443 && break; sleep 0.2; done
printf '#!/bin/sh\\nexec systemctl kill --signal=HUP --kill-who=main tls-service\\n' > /etc/muster/hooks.d/10-tls-service
chmod 755 /etc/muster/hooks.d/10-tls-service`,
  );

async function startClient(): Promise<void> {
  await cluster.on('node1', `cat > /root/tls-client.mts <<'END'\n${onHost('tls-client.ts')}\nEND`);
  await cluster.on(
    'node1',
    `systemd-run --quiet --unit=tls-client --property=StandardOutput=truncate:/root/report.json /opt/muster-agent/runtime/node /root/tls-client.mts ${names.join(' ')}`,
  );
}

async function endClient(): Promise<ClientReport> {
  await cluster.on('node1', 'systemctl stop tls-client');
  return JSON.parse(await cluster.on('node1', 'cat /root/report.json')) as ClientReport;
}

beforeAll(async () => {
  await lab.down();
  await lab.up(names.length);
  const { code, finished } = await cluster.applyJson();
  expect({ code, ...finished }).toMatchObject({ code: 0, failed: 0 });
  // So that a rotation is over, with the old certificate revoked, in seconds.
  const dropIn = '/etc/systemd/system/muster.service.d';
  await cluster.on(
    'node1',
    `mkdir -p ${dropIn}; printf '[Service]\\nEnvironment=MUSTER_AGENTS_CERTIFICATE_OVERLAP_SECONDS=5\\n' > ${dropIn}/overlap.conf; systemctl daemon-reload; systemctl restart muster`,
  );
  await Promise.all(names.map(setUpService));
  for (const name of names) await cluster.until(name, 'good', 90);
});

afterAll(() => lab.down());

/** The tests build on each other. */
describe('rotation on ten hosts', () => {
  it('costs no connection of a client that connects every 50 ms, and no heartbeat', async () => {
    const [before, from] = [await serials(), await lastEvent()];
    await startClient();
    await sleep(2000);
    const { id } = await rotate('node[1-10]');
    const tasks = await ended(id, 180);
    expect(tasks.filter(({ state }) => state !== 'succeeded')).toEqual([]);
    expect(tasks).toHaveLength(names.length);
    await sleep(2000);
    const report = await endClient();
    expect(report.failures).toEqual([]);
    expect(report.served).toBe(report.tried);
    expect(report.tried).toBeGreaterThan(100);
    const after = await serials();
    for (const name of names) {
      expect(after.get(name)).not.toBe(before.get(name));
      // The service was reached with both: the rotation took place under the client's eyes.
      expect(report.serials[name]).toEqual([before.get(name), after.get(name)]);
    }
    expect(await eventsSince(from, ['node-disconnected', 'node-health'])).toEqual([]);
  });

  it('ends with one certificate for each node: the old ones are revoked', async () => {
    const current = new Set((await serials()).values());
    await expect.poll(async () => new Set(await accepted()), { timeout: 90_000, interval: 1000 }).toEqual(current);
  });

  it('goes on after agents were killed at ten different moments of it', async () => {
    const before = await serials();
    const { id } = await rotate('node[1-10]');
    await Promise.all(
      names.map(async (name, index) => {
        await sleep(index * 120);
        await cluster.on(name, 'systemctl kill --signal=KILL --kill-who=main muster-agent');
      }),
    );
    const tasks = await ended(id, 240);
    expect(tasks.filter(({ state }) => state !== 'succeeded')).toEqual([]);
    const after = await serials();
    for (const name of names) {
      expect(after.get(name)).not.toBe(before.get(name));
      await cluster.until(name, 'good', 90);
    }
  });

  it('goes on after the server was killed at three different moments of it', async () => {
    for (const waitMs of [100, 600, 1500]) {
      const before = await serials();
      const { id } = await rotate('node[1-10]');
      await sleep(waitMs);
      await cluster.on('node1', 'systemctl kill --signal=KILL --kill-who=main muster');
      const tasks = await ended(id, 240);
      expect(tasks.filter(({ state }) => state !== 'succeeded')).toEqual([]);
      const after = await serials();
      for (const name of names) expect(after.get(name)).not.toBe(before.get(name));
    }
    for (const name of names) await cluster.until(name, 'good', 90);
  });

  it('of a node that is away takes place when it returns', async () => {
    const before = await serials();
    await lab.cut('node7', { silent: true });
    await cluster.until('node7', 'bad');
    const { id } = await rotate('node7');
    await sleep(3000);
    expect((await api<SeenOperation>(`/operations/${id}`)).state).toBe('running');
    await lab.heal('node7');
    expect((await ended(id, 120)).map(({ state }) => state)).toEqual(['succeeded']);
    expect((await serials()).get('node7')).not.toBe(before.get('node7'));
  });

  it('says so when a hook of the host fails, and the node goes on with the new certificate', async () => {
    const before = await serials();
    await cluster.on(
      'node8',
      "printf '#!/bin/sh\\necho no such proxy >&2\\nexit 3\\n' > /etc/muster/hooks.d/20-proxy; chmod 755 /etc/muster/hooks.d/20-proxy",
    );
    const { id } = await rotate('node8');
    expect(await ended(id, 120)).toMatchObject([{ state: 'failed', message: expect.stringMatching(/20-proxy/u) }]);
    expect((await serials()).get('node8')).not.toBe(before.get('node8'));
    await cluster.until('node8', 'good', 30);
    await cluster.on('node8', 'rm /etc/muster/hooks.d/20-proxy');
  });
});

type SeenAuthority = {
  readonly trusted: readonly { readonly generation: number; readonly fingerprint: string; readonly issues: boolean }[];
  readonly rotation: { readonly phase: string; readonly nodes: number; readonly behind: readonly unknown[] } | null;
};
const authority = () => api<SeenAuthority>('/authority');

/** Waits until nobody is behind, and takes the next step. */
async function step(name: 'begin' | 'next' | 'finish' | 'rollback'): Promise<SeenAuthority> {
  if (name === 'next' || name === 'finish')
    await expect.poll(async () => (await authority()).rotation?.behind, { timeout: 120_000, interval: 500 }).toEqual([]);
  return api<SeenAuthority>('/authority/rotation', { step: name });
}

describe('the certificate authority', () => {
  it('is replaced under that client in phases, and none of its connections fails', async () => {
    const [before, old] = [await serials(), (await authority()).trusted];
    await startClient();
    await step('begin');
    const refused = await lab.run('node1', ['muster', 'status']);
    expect(refused.code).toBe(0);
    for (const expected of ['agents', 'servers']) expect((await step('next')).rotation?.phase).toBe(expected);
    const { trusted, rotation } = await step('finish');
    expect([rotation, trusted.length]).toEqual([null, 1]);
    expect(trusted[0]?.fingerprint).not.toBe(old[0]?.fingerprint);
    await sleep(2000);
    const report = await endClient();
    expect(report.failures).toEqual([]);
    expect(report.served).toBe(report.tried);
    const after = await serials();
    for (const name of names) expect(after.get(name)).not.toBe(before.get(name));
    for (const name of names) await cluster.until(name, 'good', 60);
  });

  it('is taken back from the middle of its replacement', async () => {
    const [before] = (await authority()).trusted;
    await step('begin');
    await step('next');
    await step('rollback');
    const { trusted, rotation } = await step('finish');
    expect([rotation, trusted.map(({ fingerprint }) => fingerprint)]).toEqual([null, [before?.fingerprint]]);
    for (const name of names) await cluster.until(name, 'good', 60);
  });
});

describe('the key with which servers log in to nodes', () => {
  it('is replaced when every node takes the next one, and the one before opens none afterwards', async () => {
    const keys = async (name: string) => (await cluster.on(name, 'cat /var/lib/muster-control/.ssh/authorized_keys')).split('\n');
    const rotateKey = async () => {
      const { code, stdout } = await lab.run('node1', ['muster', 'agent', 'rotate-key', '-o', 'json'], { timeoutSeconds: 180 });
      const { state, lacking } = JSON.parse(stdout) as { state: string; lacking: { nodeName: string }[] };
      return { code, state, lacking: lacking.map(({ nodeName }) => nodeName) };
    };
    const [before = ''] = await keys('node2');
    expect(await rotateKey()).toEqual({ code: 0, state: 'announced', lacking: [] });
    expect(await rotateKey()).toEqual({ code: 1, state: 'waiting', lacking: names });
    expect((await cluster.applyJson()).finished).toMatchObject({ failed: 0 });
    expect(await keys('node2')).toEqual([before, expect.not.stringContaining(before)]);
    expect(await rotateKey()).toEqual({ code: 0, state: 'done', lacking: [] });
    await cluster.muster('agent', 'check', ...names);
    expect((await cluster.applyJson()).finished).toMatchObject({ failed: 0 });
    expect(await keys('node2')).toEqual([expect.not.stringContaining(before)]);
    await cluster.muster('agent', 'check', ...names);
  });
});

describe('a certificate that is revoked', () => {
  it('is refused at once, its connection closed within five seconds, and the node comes back only by a new token', async () => {
    const { code, stdout } = await lab.run('node9', ['systemctl', 'is-active', 'muster-agent']);
    expect([code, stdout]).toEqual([0, 'active\n']);
    const startedMs = performance.now();
    await api('/certificates/revoke', { of: { node: 'node9' }, reason: 'key-compromise' });
    await expect.poll(async () => (await cluster.nodes()).get('node9')?.connected, { timeout: 20_000, interval: 100 }).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(8000);
    await sleep(5000);
    expect((await cluster.nodes()).get('node9')).toMatchObject({
      connected: false,
      registration: expect.not.stringMatching(/^registered$/u),
    });
  });
});
