import { afterEach, describe, expect, it } from 'vitest';
import { exampleNode } from '../../test/example-node.ts';
import { type Answer, type Asked, FakeServer, problemAnswer } from '../../test/fake-server.ts';
import { runMuster } from '../../test/run-muster.ts';

const token = {
  nodeId: exampleNode().id,
  token: 'muster1.abc',
  expiresAt: '2026-01-01T00:30:00.000Z',
  command: 'muster-agent enroll --token muster1.abc',
};

describe('muster node', () => {
  let server: FakeServer | undefined;
  afterEach(() => server?.stop());

  const node = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
    server = await FakeServer.start(answer);
    return runMuster('--socket', server.socketPath, 'node', ...args);
  };
  const adding = ({ path }: Asked): Answer =>
    path.endsWith('/join-tokens') ? { status: 201, body: token } : { status: 201, body: exampleNode() };

  it('add adds it and prints the one line for its host', async () => {
    const { code, stdout } = await node(
      adding,
      'add',
      'web1',
      '--private-ip',
      '10.0.0.11',
      '--label',
      'url=a=b',
      '--label',
      'x=',
      '--group',
      'worker',
    );
    expect(code).toBe(0);
    expect(stdout).toBe(`web1 is added. On its host run, before ${token.expiresAt}:\n\n  ${token.command}\n`);
    expect(server?.asked.map(({ method, path, body }) => [method, path, body])).toEqual([
      [
        'POST',
        '/nodes',
        {
          name: 'web1',
          privateIp: '10.0.0.11',
          publicIp: null,
          labels: { url: 'a=b', x: '' },
          groups: ['worker'],
          environments: 'on',
          notes: '',
        },
      ],
      ['POST', `/nodes/${exampleNode().id}/join-tokens`, undefined],
    ]);
  });

  it('add prints both for programs', async () => {
    const { stdout } = await node(adding, 'add', 'web1', '-o', 'json');
    expect(JSON.parse(stdout)).toEqual({ node: exampleNode(), join: token });
  });

  it('add tells that there is one already', async () => {
    const { code, stderr } = await node(() => problemAnswer('node-exists', 'A node named web1 exists.'), 'add', 'web1');
    expect([code, stderr]).toEqual([1, 'error: A node named web1 exists.\n']);
  });

  it('show tells everything known of it', async () => {
    const { stdout } = await node(() => ({ body: exampleNode() }), 'show', 'web1');
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/u))).toEqual(
      expect.arrayContaining([
        ['Name', 'web1'],
        ['Health', 'good'],
        ['Heard', '3s ago'],
        ['Labels', 'rack=a'],
        ['Notes', 'in the corner'],
        ['System', 'Debian GNU/Linux 13 (trixie), 6.12.0, x86_64'],
        ['Addresses', '10.0.0.11 (eth0)'],
        ['Clock skew', '0.012 s'],
      ]),
    );
  });

  it('show of a node that was only just added has dashes', async () => {
    const fresh = exampleNode({
      ...{ facts: null, privateIp: null, labels: {}, groups: [], notes: '', registeredAt: null, heartbeatAgeSeconds: null },
      ...{ certificateSerial: null, certificateExpiresAt: null, clockSkewSeconds: null },
      health: { state: 'unknown', reasons: [{ code: 'not-registered', message: 'The agent has not enrolled yet.' }], since: null },
    });
    const { stdout } = await node(() => ({ body: fresh }), 'show', 'web1');
    expect(stdout).toContain('Health        unknown\n              The agent has not enrolled yet.\nHeard         never\n');
    expect(stdout).toMatch(/Certificate {3}-\n/u);
    expect(stdout).not.toMatch(/null|undefined/u);
  });

  it('show shows what a hostile node says of itself, and does not obey it', async () => {
    const { facts } = exampleNode();
    const hostile = exampleNode({
      name: 'web1',
      notes: 'a\u001B[1mb\nc',
      labels: { rack: '\u001B[31mred' },
      facts: { ...facts!, hostname: '\u001B[2J\u001B[Hname', kernel: '\uFFFD[2J', agentVersion: '\u0007' },
      health: { state: 'good', reasons: [{ code: 'services-unavailable', message: '\u001B[8mhidden' }], since: null },
    });
    const { stdout } = await node(() => ({ body: hostile }), 'show', 'web1');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(stdout).toContain('Hostname      \uFFFD[2J\uFFFD[Hname\n');
  });

  it('token prints the line for the host, remove says what it did', async () => {
    expect((await node(() => ({ status: 201, body: token }), 'token', 'web1')).stdout).toBe(`${token.command}\n`);
    await server?.stop();
    const { stdout } = await node(() => ({ status: 204 }), 'remove', 'web1');
    expect(stdout).toBe('web1 is removed and its certificates are revoked.\n');
    expect(server?.asked).toMatchObject([{ method: 'DELETE', path: '/nodes/web1' }]);
  });
});
