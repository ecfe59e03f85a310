import type { Operation, OperationResult } from '@muster/api';
import { afterEach, describe, expect, it } from 'vitest';
import { countsOf, exampleOperation, exampleResult } from '../../test/example-operation.ts';
import { type Answer, type Asked, FakeServer, problemAnswer } from '../../test/fake-server.ts';
import { runMuster } from '../../test/run-muster.ts';

const done = exampleOperation({ state: 'succeeded', counts: countsOf({ succeeded: 3 }), finishedAt: '2026-01-01T00:00:09.000Z' });

let server: FakeServer | undefined;
afterEach(() => server?.stop());

const muster = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
  server = await FakeServer.start(answer);
  return runMuster('--socket', server.socketPath, ...args);
};

/** A server on which an operation runs for one look and has then ended. */
function answering(end: Operation = done, results: readonly OperationResult[] = [exampleResult()]): (asked: Asked) => Answer {
  let looks = 0;
  return ({ method, path }) => {
    if (method === 'POST' && path === '/operations') return { status: 201, body: exampleOperation() };
    if (path.endsWith('/results')) return { body: { items: results } };
    if (path === '/operations') return { body: { items: [end, exampleOperation({ id: `4${end.id.slice(1)}` })], total: 2 } };
    if (path.endsWith('/cancel')) return { body: { ...end, cancelledBy: 'me' } };
    return { body: looks++ === 0 ? exampleOperation() : end };
  };
}

const bodies = () => server?.asked.filter(({ method }) => method === 'POST').map(({ body }) => body);

describe('muster service', () => {
  it.each(['start', 'stop', 'restart'])('%s asks for it, waits, and prints how the nodes did', async (action) => {
    const { code, stdout, stderr } = await muster(answering(), 'service', action, 'ssh', 'node[1-3]');
    expect(code).toBe(0);
    expect(stdout).toBe('node[1-3] (3): succeeded\n  ssh.service is active (running).\n');
    expect(stderr).toBe(`restart ssh.service: succeeded (3 succeeded). See again: muster operation show ${done.id}\n`);
    expect(bodies()).toEqual([{ spec: { kind: 'service', action, unit: 'ssh.service' }, range: 'node[1-3]', expiresInSeconds: 60 }]);
  });

  it('ends with 1 when a node did not succeed, and shows the same results together', async () => {
    const failed = exampleOperation({ state: 'failed', counts: countsOf({ succeeded: 2, failed: 1 }) });
    const results = [
      exampleResult({ range: 'node[1-2]', count: 2 }),
      exampleResult({
        range: 'node3',
        count: 1,
        state: 'failed',
        exitStatus: 5,
        message: 'It broke.',
        output: 'one\r\n\ttwo\n',
        truncated: true,
      }),
    ];
    const { code, stdout } = await muster(answering(failed, results), 'service', 'restart', 'ssh', 'all');
    expect(code).toBe(1);
    expect(stdout).toBe(
      'node[1-2] (2): succeeded\n  ssh.service is active (running).\nnode3: failed, exit status 5\n  It broke.\n  one\n  \ttwo\n  … (the rest was cut off)\n',
    );
  });

  it('takes batches and limits, and leaves the waiting to others', async () => {
    const args = ['service', 'stop', 'cron.service', 'all', '--batch', '5', '--max-fail', '1', '--no-wait'];
    const { code, stdout } = await muster(answering(), ...args);
    expect([code, stdout]).toEqual([0, `${done.id}\n`]);
    expect(bodies()).toEqual([
      { spec: { kind: 'service', action: 'stop', unit: 'cron.service' }, range: 'all', expiresInSeconds: 3600, batch: 5, maxFail: 1 },
    ]);
    expect(server?.asked).toHaveLength(1);
  });

  it.each([
    [['service', 'restart', 'a b', 'all'], '"a b" is not the name of a unit'],
    [['service', 'restart', '*', 'all'], '"*" is not the name of a unit'],
    [['service', 'restart', 'ssh'], "missing required argument 'range'"],
    [['service', 'enable', 'ssh', 'all'], "unknown command 'enable'"],
    [['service', 'stop', 'ssh', 'all', '--batch', '0'], 'must be a whole number'],
    [['exec', 'all'], "missing required argument 'command'"],
    [['exec', 'all', 'ls', '-l'], "unknown option '-l'"],
  ])('%j is a wrong command line', async (args, said) => {
    const { code, stderr } = await muster(answering(), ...args);
    expect([code, server?.asked]).toEqual([2, []]);
    expect(stderr).toContain(said);
  });

  it('tells what the server refuses, over several lines', async () => {
    const detail = 'The range is not valid: no node is named nod9\n  nod9\n  ^^^^\nName another.';
    const { code, stderr } = await muster(() => problemAnswer('invalid-request', detail), 'service', 'stop', 'ssh', 'nod9');
    expect([code, stderr]).toEqual([1, `error: ${detail}\n`]);
  });
});

describe('muster exec', () => {
  it('gives the words after -- as they are', async () => {
    const words = ['sh', '-c', 'echo $HOME; ls *', '', '--help', "it's"];
    const { code } = await muster(answering(), 'exec', 'all', '--timeout', '9', '--begin-within', '5', '--', ...words);
    expect(code).toBe(0);
    expect(bodies()).toEqual([{ spec: { kind: 'exec', command: words, timeoutSeconds: 9 }, range: 'all', expiresInSeconds: 5 }]);
  });

  it('shows what a hostile node prints, and does not obey it', async () => {
    const hostile = exampleResult({ range: 'evil', count: 1, message: '\u001B[2J', output: 'a\u001B]0;title\u0007\rb\u202Ec\n' });
    const { stdout } = await muster(answering(done, [hostile]), 'exec', 'all', '--', 'true');
    expect(stdout).toBe('evil: succeeded\n  \uFFFD[2J\n  a\uFFFD]0;title\uFFFD\uFFFDb\uFFFDc\n');
  });

  it('is JSON for programs, with the operation and its results', async () => {
    const { stdout } = await muster(answering(), 'exec', 'all', '-o', 'json', '--', 'true');
    expect(JSON.parse(stdout)).toEqual({ operation: done, results: [exampleResult()] });
  });

  it('goes on waiting while the server restarts', async () => {
    const usual = answering();
    let count = 0;
    const { code } = await muster(
      (asked) => (asked.method === 'GET' && ++count < 3 ? problemAnswer('store-unavailable', 'away') : usual(asked)),
      'exec',
      'all',
      '--',
      'true',
    );
    expect(code).toBe(0);
  });

  it('on Ctrl-C cancels what has not ended, waits for the rest and ends with 130', async () => {
    const cancelled = exampleOperation({ state: 'cancelled', counts: countsOf({ succeeded: 2, cancelled: 1 }), cancelledBy: 'me' });
    let asked = false;
    const { code, stderr } = await muster(
      ({ method, path }) => {
        if (path.endsWith('/cancel')) asked = true;
        if (path.endsWith('/results')) return { body: { items: [exampleResult()] } };
        if (method === 'POST') return { status: path.endsWith('/cancel') ? 200 : 201, body: exampleOperation() };
        if (!asked) setImmediate(() => process.emit('SIGINT'));
        return { body: asked ? cancelled : exampleOperation() };
      },
      'exec',
      'all',
      '--',
      'sleep',
      '100',
    );
    expect([code, asked]).toEqual([130, true]);
    expect(stderr).toContain('Cancelling what has not ended.');
  });
});

describe('muster operations', () => {
  it('lists what was asked, and names the whole ids for programs', async () => {
    const { stdout } = await muster(answering(), 'operations', '--node', 'web1', '--state', 'failed');
    expect(stdout.split('\n')[1]).toMatch(/^3f2a91c0 {2}2026-01-01T00:00:00\.000Z {2}restart ssh\.service {2}succeeded {2}3 succeeded$/u);
    expect(Object.fromEntries(server?.asked[0]?.query ?? [])).toEqual({ limit: '20', node: 'web1', state: 'failed' });
    await server?.stop();
    expect((await muster(answering(), 'operations', '-o', 'name')).stdout.split('\n')[0]).toBe(done.id);
  });
});

describe('muster operation', () => {
  it('show tells everything of one, which may be named by its beginning', async () => {
    const { code, stdout } = await muster(answering(), 'operation', 'show', '3f2');
    expect(code).toBe(0);
    expect(stdout).toContain('What       restart ssh.service\n');
    expect(stdout).toMatch(/\n\nnode\[1-3\] \(3\): succeeded\n {2}ssh\.service is active \(running\)\.\n$/u);
    expect(server?.asked.map(({ path }) => path)).toContain(`/operations/${done.id}/results`);
  });

  it('cancel says what it did', async () => {
    const { stdout } = await muster(() => ({ body: exampleOperation({ cancelledBy: 'me' }) }), 'operation', 'cancel', done.id);
    expect(stdout).toBe('restart ssh.service: cancelled (1 running, 2 succeeded).\n');
    await server?.stop();
    const late = await muster(() => ({ body: done }), 'operation', 'cancel', done.id);
    expect(late.stdout).toBe('restart ssh.service: succeeded already (3 succeeded).\n');
  });

  it.each([
    ['zzz', 2, 'is not the id of an operation'],
    ['3f', 2, 'is not the id of an operation'],
    ['999', 1, 'None of the 2 newest operations has an id that begins with 999.'],
    ['f2a', 1, 'begins with f2a'],
  ])('%s is none', async (given, status, said) => {
    const { code, stderr } = await muster(answering(), 'operation', 'show', given);
    expect([code, stderr]).toEqual([status, expect.stringContaining(said)]);
  });

  it('that begins like another has to be named further', async () => {
    const twice = { items: [done, { ...done, id: `3f2b${done.id.slice(4)}` }], total: 2 };
    const { code, stderr } = await muster(() => ({ body: twice }), 'operation', 'cancel', '3f2');
    expect([code, stderr]).toEqual([2, 'error: 2 operations have ids that begin with 3f2: give more of it.\n']);
  });
});

describe('muster services', () => {
  it('names who stopped one on purpose', async () => {
    const at = '2026-01-01T00:00:00.000Z';
    const items = [
      { unit: 'ssh.service', state: 'running', detail: 'running', since: at },
      { unit: 'cron.service', state: 'stopped', detail: 'dead', since: null, stoppedOnPurpose: { by: 'alice', at } },
    ];
    const { stdout } = await muster(() => ({ body: { unavailableReason: null, items } }), 'services', 'web1');
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/u))).toEqual([
      ['UNIT', 'STATE', 'DETAIL', 'SINCE', 'STOPPED BY'],
      ['ssh.service', 'running', 'running', at, '-'],
      ['cron.service', 'stopped', 'dead', '-', 'alice'],
      [''],
    ]);
  });

  it('says why there are none', async () => {
    const { stderr } = await muster(() => ({ body: { unavailableReason: 'no systemd', items: [] } }), 'services', 'web1');
    expect(stderr).toBe('The services of web1 are not watched: no systemd.\n');
  });
});
