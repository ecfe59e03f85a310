import { afterEach, describe, expect, it } from 'vitest';
import { exampleNode } from '../../test/example-node.ts';
import { type Answer, type Asked, FakeServer, problemAnswer } from '../../test/fake-server.ts';
import { runMuster } from '../../test/run-muster.ts';

const token = {
  nodeId: exampleNode().id,
  token: 'muster1.abc',
  expiresAt: '2026-01-01T00:30:00.000Z',
  command: "printf '%s\\n' muster1.abc | sudo muster-agent enroll --token-file - --start-services",
  systemd: '# a drop-in\n[Service]\n',
  cloudInit: '#cloud-config\n',
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

  it('add prints the name alone where that is asked for', async () => {
    expect((await node(adding, 'add', 'web1', '-o', 'name')).stdout).toBe(`${exampleNode().name}\n`);
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
    expect(stdout).toMatch(/Credential {4}-\n/u);
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

  it('show tells who said what, what differs, who works on it and until when', async () => {
    const busy = exampleNode({
      privateIp: null,
      reportedIp: '10.0.0.12',
      publicIp: '203.0.113.9',
      sources: { name: 'inventory', privateIp: 'agent', publicIp: 'administrator' },
      mismatches: [{ member: 'hostname', decided: 'web1', reported: 'template' }],
      maintenance: { reason: 'new fan', by: 'ada', since: '2026-01-01T00:00:00.000Z', until: null },
      scheduling: { state: 'draining', reason: 'move', by: 'bob', since: '2026-01-01T00:00:00.000Z', deadline: '2026-01-01T01:00:00.000Z' },
      agent: { state: 'needs-attention', message: 'tried 5 times', since: null, attempts: 5 },
    });
    const { stdout } = await node(() => ({ body: busy }), 'show', 'web1');
    for (const line of [
      'Named by      inventory',
      'Private IP    10.0.0.12 (agent)',
      'Public IP     203.0.113.9 (administrator)',
      'Mismatch      hostname: decided web1, reported template',
      'Maintenance   by ada since 2026-01-01T00:00:00.000Z, until somebody ends it: new fan',
      'Scheduling    draining by bob since 2026-01-01T00:00:00.000Z, to be done by 2026-01-01T01:00:00.000Z: move',
      'Agent         needs-attention: tried 5 times',
      'Credential    0123456789abcdef0123456789abcdef',
      '              issued 2026-01-01T00:00:00.000Z, valid until 2026-04-01T00:00:00.000Z',
    ])
      expect(stdout).toContain(`${line}\n`);
  });

  it.each([
    ['line', `${token.command}\n`],
    ['systemd', token.systemd],
    ['cloud-init', token.cloudInit],
  ])('token and reissue print nothing but what is to be used, as %s', async (way, text) => {
    for (const word of ['token', 'reissue']) {
      const { stdout, stderr } = await node(() => ({ status: 201, body: token }), word, 'web1', '--as', way);
      expect([stdout, stderr]).toEqual([text, '']);
      expect(server?.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
        `POST /nodes/web1/${word === 'token' ? 'join-tokens' : 'reissue'}`,
      ]);
      await server?.stop();
    }
    expect((await node(adding, 'add', 'web1', '--as', way)).stdout).toContain(text.trim());
  });

  it('token says how to go on where the name is taken', async () => {
    const said = 'Nothing was done. web1 is registered. If its machine was re-imaged, say "muster node reissue web1".';
    expect(await node(() => problemAnswer('not-possible-now', said), 'token', 'web1')).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: ${said}\n`,
    });
  });
});

describe('muster node on a range', () => {
  let server: FakeServer | undefined;
  afterEach(() => server?.stop());

  const node = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
    server = await FakeServer.start(answer);
    return runMuster('--socket', server.socketPath, 'node', ...args);
  };
  const done = (range: string, count: number) => (): Answer => ({ body: { range, count } });
  const sent = () => server?.asked.map(({ body }) => body);

  it.each([
    [['cordon', 'rack1', '--reason', 'switch'], { action: 'cordon', range: 'rack1', reason: 'switch' }, 'n[1-3] are cordoned.\n'],
    [['uncordon', 'rack1'], { action: 'uncordon', range: 'rack1' }, 'n[1-3] are open again.\n'],
    [
      ['drain', 'rack1', '--deadline', '30m'],
      { action: 'drain', range: 'rack1', reason: '', deadlineSeconds: 1800 },
      'n[1-3] are being drained.\n',
    ],
    [
      ['maintenance', 'begin', 'rack1', '--reason', 'fan', '--for', '2h'],
      { action: 'begin-maintenance', range: 'rack1', reason: 'fan', seconds: 7200 },
      'n[1-3] are in maintenance.\n',
    ],
    [
      ['maintenance', 'begin', 'rack1', '--reason', 'fan', '--until', '2026-01-31T18:00+01:00'],
      { action: 'begin-maintenance', range: 'rack1', reason: 'fan', until: '2026-01-31T17:00:00.000Z' },
      'n[1-3] are in maintenance.\n',
    ],
    [['maintenance', 'end', 'rack1'], { action: 'end-maintenance', range: 'rack1' }, 'n[1-3] are out of maintenance.\n'],
    [
      [
        'set',
        'rack1',
        '--label',
        'a=b=c',
        '--remove-label',
        'x',
        '--group',
        'g',
        '--remove-group',
        'h',
        '--notes',
        '',
        '--environments',
        'off',
      ],
      {
        action: 'change',
        range: 'rack1',
        labels: { a: 'b=c' },
        removeLabels: ['x'],
        addGroups: ['g'],
        removeGroups: ['h'],
        notes: '',
        environments: 'off',
      },
      'n[1-3] are changed.\n',
    ],
  ])('%j asks for it and says what was done', async (args, body, said) => {
    const { code, stdout, stderr } = await node(done('n[1-3]', 3), ...args);
    expect([code, stdout, stderr, sent()]).toEqual([0, said, '', [body]]);
  });

  it('speaks of one node as of one', async () => {
    expect((await node(done('n1', 1), 'cordon', 'n1')).stdout).toBe('n1 is cordoned.\n');
  });

  it.each([
    [['set', 'n1', '--label', 'a'], '"a" is not a label'],
    [['set', 'n1', '--label', '-=b'], 'labels'],
    [['set', 'n1', '--group', 'a b'], 'addGroups.0: a group name has'],
    [['set', 'a,,b', '--notes', 'x'], 'nothing is named before ","\n  a,,b\n    ^\n'],
    [['cordon', '^/nonexistent/list'], 'cannot be read'],
    [['maintenance', 'begin', 'n1'], "required option '--reason <text>' not specified"],
    [['maintenance', 'begin', 'n1', '--reason', 'x', '--until', 'tomorrow'], '"tomorrow" is not a moment'],
    [['maintenance', 'begin', 'n1', '--reason', 'x', '--until', '2026-01-31', '--for', '1h'], 'not both'],
    [['drain', 'n1', '--deadline', 'soon'], 'must be a duration'],
  ])('%j is a mistake of the command line, and asks nobody', async (args, said) => {
    const { code, stdout, stderr } = await node(done('', 0), ...args);
    expect([code, stdout, sent()]).toEqual([2, '', []]);
    expect(stderr).toContain(said);
  });

  it('drain --wait ends when all are drained', async () => {
    let looks = 0;
    const answer = ({ path }: Asked): Answer => {
      if (path === '/nodes/actions') return { body: { range: 'web[1-2]', count: 2 } };
      if (path === '/ranges/expand') return { body: { names: ['web1', 'web2'], range: 'web[1-2]' } };
      const draining = (looks += 1) < 3 ? [exampleNode({ name: 'web2' })] : [exampleNode({ name: 'other' })];
      return { body: { items: draining, total: 1 } };
    };
    const { code, stdout } = await node(answer, 'drain', 'web[1-2]', '--wait');
    expect([code, stdout, looks]).toEqual([0, 'web[1-2] are being drained.\nweb[1-2] are drained.\n', 3]);
  });

  it('drain --wait fails when the deadline passes before, and names who is late', async () => {
    const answer = ({ path }: Asked): Answer => {
      if (path === '/nodes/actions') return { body: { range: 'web1', count: 1 } };
      if (path === '/ranges/expand') return { body: { names: ['web1'], range: 'web1' } };
      return { body: { items: [exampleNode()], total: 1 } };
    };
    const { code, stderr } = await node(answer, 'drain', 'web1', '--wait', '--deadline', '1s');
    expect([code, stderr]).toEqual([1, expect.stringContaining('Not drained by the deadline: web1.')]);
  });

  it('remove removes one without a question, and several only with a yes', async () => {
    const expanding =
      (...names: string[]) =>
      ({ path }: Asked): Answer => ({
        body: path === '/ranges/expand' ? { names, range: 'web[1-2]' } : { range: 'web[1-2]', count: names.length },
      });
    const refused = await node(expanding('web1', 'web2'), 'remove', 'web1-web2');
    expect([refused.code, refused.stderr]).toEqual([2, 'error: Remove these 2 nodes: web[1-2]? Nothing was removed. Say --yes.\n']);
    expect(server?.asked.map(({ path }) => path)).toEqual(['/ranges/expand']);
    await server?.stop();
    const { stdout } = await node(expanding('web1', 'web2'), 'remove', 'web1-web2', '--yes');
    expect(stdout).toBe('web[1-2] are removed and their certificates are revoked.\n');
    expect(sent()?.[1]).toEqual({ action: 'remove', range: 'web[1-2]' });
    await server?.stop();
    expect((await node(expanding('web1'), 'remove', 'web1')).stdout).toBe('web[1-2] is removed and its certificates are revoked.\n');
    await server?.stop();
    const id = exampleNode().id;
    expect((await node(() => ({ status: 204 }), 'remove', id)).stdout).toBe(`${id} is removed and its certificates are revoked.\n`);
    expect(server?.asked).toMatchObject([{ method: 'DELETE', path: `/nodes/${id}` }]);
  });
});
