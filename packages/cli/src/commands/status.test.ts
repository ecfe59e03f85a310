import type { ServerStatus } from '@muster/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeServer } from '../../test/fake-server.ts';
import { runMuster } from '../../test/run-muster.ts';

const status: ServerStatus = {
  version: '0.1.0',
  startedAt: '2026-01-01T00:00:00.000Z',
  now: '2026-01-01T01:30:00.000Z',
  agentAddresses: ['10.0.0.10:7421'],
  caFingerprint: 'ab'.repeat(32),
  heartbeatIntervalSeconds: 5,
  heartbeatTimeoutSeconds: 15,
  graceUntil: null,
  agentLiveness: {
    enabled: true,
    thresholdSeconds: 40,
    effectiveThresholdSeconds: 40,
    brake: null,
    restarting: 0,
    needsAttention: 0,
    stopped: 0,
  },
  nodes: { total: 3, byHealth: { good: 2, degraded: 0, bad: 1, unknown: 0 } },
};

describe('muster status', () => {
  let server: FakeServer | undefined;
  afterEach(() => server?.stop());

  it('tells of the server by its own clock', async () => {
    server = await FakeServer.start(() => ({ body: status }));
    const { stdout } = await runMuster('--socket', server.socketPath, 'status');
    expect(stdout).toContain('Up            1h 30m\nNodes         3 (2 good, 0 degraded, 1 bad, 0 unknown)\n');
    expect(stdout).toContain('Heartbeat     every 5 s; bad after 15 s of silence\n');
    expect(stdout).not.toContain('Just started');
  });

  it('says once, beside the answer, that it was read from a copy of the database, and how old that is', async () => {
    server = await FakeServer.start(() => (response) => {
      response.writeHead(200, { 'muster-data-age': '12' }).end(JSON.stringify(status));
    });
    const { code, stdout, stderr } = await runMuster('--socket', server.socketPath, 'status', '-o', 'json');
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { version: '0.1.0' }]);
    expect(stderr).toBe('No database takes writes now: this is read from a copy, as it was 12 seconds ago.\n');
  });

  it('says while it has just started that nobody is declared bad', async () => {
    const graceUntil = '2026-01-01T01:31:00.000Z';
    server = await FakeServer.start(() => ({ body: { ...status, graceUntil } }));
    const { stdout } = await runMuster('--socket', server.socketPath, 'status');
    expect(stdout).toContain(`Just started  no node is declared bad before ${graceUntil}\n`);
  });

  it.each([
    [{}, 'Liveness      agents are restarted after 40s of silence; 0 being restarted, 0 need attention, 0 stopped on purpose\n'],
    [{ enabled: false }, 'Liveness      off; '],
    [{ effectiveThresholdSeconds: 180 }, 'after 3m of silence (three heartbeats; configured are 40s); '],
    [{ restarting: 1, needsAttention: 2, stopped: 3 }, '1 being restarted, 2 need attention, 3 stopped on purpose\n'],
  ])('tells what is done about silent agents: %j', async (change, said) => {
    server = await FakeServer.start(() => ({ body: { ...status, agentLiveness: { ...status.agentLiveness, ...change } } }));
    const { stdout } = await runMuster('--socket', server.socketPath, 'status');
    expect(stdout).toContain(said);
    expect(stdout).not.toContain('BRAKE');
  });

  it('tells why nothing is restarted while the brake is on', async () => {
    const brake = { since: '2026-01-01T01:20:00.000Z', message: '3 of 5 nodes are unheard at once.', unheard: 3, watched: 5 };
    server = await FakeServer.start(() => ({ body: { ...status, agentLiveness: { ...status.agentLiveness, brake } } }));
    const { stdout } = await runMuster('--socket', server.socketPath, 'status');
    expect(stdout).toContain('BRAKE         since 2026-01-01T01:20:00.000Z: 3 of 5 nodes are unheard at once.\n');
  });

  it('finds the socket by the environment, and the option wins', async () => {
    server = await FakeServer.start(() => ({ body: status }));
    vi.stubEnv('MUSTER_SOCKET', server.socketPath);
    expect(JSON.parse((await runMuster('status', '-o', 'json')).stdout)).toEqual(status);
    expect((await runMuster('--socket', '/nonexistent', 'status')).code).toBe(1);
  });
});

describe('muster sign-in-link', () => {
  it('prints the link and how long it is good', async () => {
    const link = { url: 'https://10.0.0.10:7420/sign-in#abc', expiresAt: '2026-01-01T00:15:00.000Z' };
    const server = await FakeServer.start(() => ({ status: 201, body: link }));
    const { stdout } = await runMuster('--socket', server.socketPath, 'sign-in-link', '--email', 'a@example.org');
    expect(stdout).toBe(`${link.url}\nValid once, until ${link.expiresAt}.\n`);
    expect(server.asked).toMatchObject([{ method: 'POST', path: '/sign-in-links', body: { email: 'a@example.org' } }]);
    await server.stop();
  });
});
