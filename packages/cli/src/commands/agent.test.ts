import type { Operation, Task } from '@muster/api';
import { parse } from 'yaml';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, type Asked, FakeServer, problemAnswer } from '../../test/fake-server.ts';
import { runMuster } from '../../test/run-muster.ts';

const id = '7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c';
const at = '2026-01-01T00:00:00.000Z';

const operation = (state: Operation['state']): Operation => ({
  id,
  spec: { kind: 'agent', action: 'restart' },
  title: 'restart the agent',
  range: 'web[1-2]',
  requestedBy: 'alice',
  requestedAt: at,
  batch: null,
  maxFail: null,
  expiresAt: at,
  cancelledAt: null,
  cancelledBy: null,
  finishedAt: null,
  state,
  total: 2,
  counts: { queued: 0, sent: 0, running: 0, succeeded: 1, failed: 1, cancelled: 0, expired: 0, unknown: 0 },
});

const task = (nodeName: string, state: Task['state'], message: string): Task => ({
  id,
  operationId: id,
  nodeId: id,
  nodeName,
  kind: 'agent',
  state,
  message,
  exitStatus: null,
  outputBytes: 0,
  truncated: false,
  queuedAt: at,
  sentAt: at,
  startedAt: at,
  finishedAt: at,
  expiresAt: at,
});

let server: FakeServer | undefined;
afterEach(() => server?.stop());

const muster = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
  server = await FakeServer.start(answer);
  return runMuster('--socket', server.socketPath, 'agent', ...args);
};

/** A server on which an operation runs for some looks, and then has these tasks. */
function serverWith(tasks: readonly Task[], end: Operation['state'] = 'succeeded', looks = 1): (asked: Asked) => Answer {
  let left = looks;
  return ({ method, path, query }) => {
    if (method === 'POST') return { status: 201, body: operation('running') };
    if (path.endsWith('/tasks')) return { body: { items: tasks.slice(Number(query.get('offset'))), total: tasks.length } };
    left -= 1;
    return { body: operation(left > 0 ? 'running' : end) };
  };
}

describe('muster agent restart', () => {
  it('asks for the operation, waits for it, and prints a result for each node', async () => {
    const answer = serverWith(
      [task('web1', 'succeeded', 'The agent was restarted; its unit is active.'), task('web2', 'succeeded', 'x')],
      'succeeded',
      3,
    );
    const { code, stdout } = await muster(answer, 'restart', 'web[1-2]');
    expect(code).toBe(0);
    expect(stdout).toBe('NODE  RESULT     MESSAGE\nweb1  succeeded  The agent was restarted; its unit is active.\nweb2  succeeded  x\n');
    expect(server?.asked[0]?.body).toEqual({ spec: { kind: 'agent', action: 'restart' }, range: 'web[1-2]' });
  });

  it.each(['start', 'stop', 'restart'])('is also %s, in batches and with a limit of failures', async (action) => {
    await muster(serverWith([]), action, 'rack1', '--batch', '5', '--max-fail', '0');
    expect(server?.asked[0]?.body).toEqual({ spec: { kind: 'agent', action }, range: 'rack1', batch: 5, maxFail: 0 });
  });

  it('ends with 1 when it did not work on every node, and says what to run by hand', async () => {
    const message = 'web2: the server has no way to it over SSH. By hand: ssh web2 sudo systemctl restart muster-agent';
    const { code, stdout } = await muster(
      serverWith([task('web1', 'succeeded', ''), task('web2', 'failed', message)], 'failed'),
      'restart',
      'all',
    );
    expect(code).toBe(1);
    expect(stdout).toContain(`web2  failed     ${message}\n`);
  });

  it('prints for programs what the API gives', async () => {
    const tasks = [task('web1', 'succeeded', 'done')];
    expect(JSON.parse((await muster(serverWith(tasks), 'stop', 'web1', '-o', 'json')).stdout)).toEqual(tasks);
    await server?.stop();
    expect(parse((await muster(serverWith(tasks), 'stop', 'web1', '-o', 'yaml')).stdout)).toEqual(tasks);
    await server?.stop();
    expect((await muster(serverWith(tasks), 'stop', 'web1', '-o', 'name')).stdout).toBe('web1\n');
    await server?.stop();
    expect((await muster(serverWith(tasks), 'stop', 'web1', '-o', 'wide')).stdout).toContain('ENDED');
  });

  it('shows what a host says, and does not obey it', async () => {
    const { stdout } = await muster(serverWith([task('web1', 'failed', '\u001B[2Jgone\nnext')], 'failed'), 'restart', 'web1');
    expect(stdout.split('\n')).toHaveLength(3);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('says why the server refuses', async () => {
    const ended = await muster(() => problemAnswer('not-allowed', 'Nothing was done. web2 has not enrolled yet.'), 'restart', 'all');
    expect(ended).toEqual({ code: 1, stdout: '', stderr: 'error: Nothing was done. web2 has not enrolled yet.\n' });
  });

  it('interrupted, no longer waits, and says that the operation goes on', async () => {
    const answer = serverWith([], 'succeeded', 1000);
    const running = muster(
      (asked) => {
        if (asked.method === 'GET') setTimeout(() => process.emit('SIGINT'), 20);
        return answer(asked);
      },
      'restart',
      'web1',
    );
    const { code, stderr } = await running;
    expect(code).toBe(130);
    expect(stderr).toContain(`The operation goes on: ${id}`);
  });
});

describe('muster agent access', () => {
  const access = {
    user: 'muster-control',
    publicKey: 'ssh-ed25519 AAAA',
    fingerprint: 'SHA256:abc',
    nextPublicKey: null,
    items: [
      { nodeId: id, nodeName: 'web1', address: null, port: 22, hostKeys: ['ssh-ed25519 BBBB'], full: false, refusedKey: null, since: at },
      {
        nodeId: id,
        nodeName: 'web2',
        address: null,
        port: 2222,
        hostKeys: ['ssh-ed25519 CCCC'],
        full: false,
        refusedKey: 'SHA256:odd',
        since: at,
      },
    ],
  };

  it('shows the key of the server and where it was installed', async () => {
    const { stdout } = await muster(() => ({ body: access }), 'access');
    expect(stdout).toContain('Key   ssh-ed25519 AAAA\n      SHA256:abc\nUser  muster-control\n');
    expect(stdout).toMatch(/web2 +2222 +\S+ +SHA256:odd\n/u);
  });

  it('shows the key that is to follow', async () => {
    const { stdout } = await muster(() => ({ body: { ...access, nextPublicKey: 'ssh-ed25519 NEXT' } }), 'access');
    expect(stdout).toContain('\nNext  ssh-ed25519 NEXT\n');
  });

  it('shows for programs what the API gives, and names', async () => {
    expect(JSON.parse((await muster(() => ({ body: access }), 'access', '-o', 'json')).stdout)).toEqual(access);
    await server?.stop();
    expect((await muster(() => ({ body: access }), 'access', '-o', 'name')).stdout).toBe('web1\nweb2\n');
  });
});

describe('muster agent rotate-key', () => {
  const lacking = [{ nodeId: id, nodeName: 'web2', reached: false, message: 'web2 refused it', byHand: null }];

  it.each([
    ['announced', [], 0, 'There is a next key. Bring it to the nodes (muster apply), then run this command again.'],
    ['waiting', lacking, 1, 'Nothing was done: these nodes do not take the next key yet.'],
    ['done', [], 0, 'The next key is the one in use.'],
  ])('says what to do next: %s', async (state, nodes, code, said) => {
    const result = await muster(() => ({ body: { state, fingerprint: 'SHA256:next', lacking: nodes } }), 'rotate-key');
    expect(result.code).toBe(code);
    expect(result.stdout).toContain(said);
    expect(result.stdout).toContain('Key  SHA256:next\n');
    if (nodes.length > 0) expect(result.stdout).toMatch(/web2 +web2 refused it/u);
  });
});

describe('muster agent check', () => {
  const good = { nodeId: id, nodeName: 'web1', reached: true, message: 'active', byHand: null };
  const bad = {
    nodeId: id,
    nodeName: 'web2',
    reached: false,
    message: 'Nobody answers.',
    byHand: 'ssh web2 sudo systemctl is-active muster-agent',
  };

  it('says of each node whether the server can log in, and ends with 1 when it cannot', async () => {
    const { code, stdout } = await muster(() => ({ body: { items: [good, bad] } }), 'check', 'web1', 'web2');
    expect(code).toBe(1);
    expect(stdout).toBe(
      'NODE  SSH     AGENT\nweb1  yes     active\nweb2  failed  Nobody answers. By hand: ssh web2 sudo systemctl is-active muster-agent\n',
    );
    expect(server?.asked[0]?.body).toEqual({ nodes: ['web1', 'web2'] });
  });

  it('ends with 0 when it can, and for programs that read the answer', async () => {
    expect((await muster(() => ({ body: { items: [good] } }), 'check', 'web1')).code).toBe(0);
    await server?.stop();
    const { code, stdout } = await muster(() => ({ body: { items: [bad] } }), 'check', 'web2', '-o', 'json');
    expect([code, JSON.parse(stdout)]).toEqual([0, [bad]]);
  });
});
