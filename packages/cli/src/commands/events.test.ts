import type { Event } from '@muster/api';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Answer, type Asked, FakeServer } from '../../test/fake-server.ts';
import { runMuster } from '../../test/run-muster.ts';

const event = (id: number, change: Partial<Event> = {}): Event => ({
  id,
  at: '2026-01-01T00:00:00.000Z',
  kind: 'node-health',
  severity: 'warning',
  nodeId: null,
  nodeName: 'web1',
  message: `event ${id}`,
  data: {},
  ...change,
});

describe('muster events', () => {
  let server: FakeServer | undefined;
  afterEach(() => server?.stop());

  /** A server with a page of events, newest first, and a stream that says its pieces and ends. */
  const events = async (page: Event[], stream: string[], ...args: string[]) => {
    const answer = (): Answer => ({ body: { items: page } });
    let asked = 0;
    server = await FakeServer.start((_asked: Asked) => {
      if (asked++ === 0) return answer();
      return (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const piece of stream) response.write(piece);
        response.end();
      };
    });
    return runMuster('--socket', server.socketPath, 'events', ...args);
  };
  const block = (one: Event): string => `id: ${one.id}\nevent: ${one.kind}\ndata: ${JSON.stringify(one)}\n\n`;

  it('tells what happened, oldest first', async () => {
    const { code, stdout } = await events([event(2), event(1)], [], '--node', 'web1', '--limit', '2');
    expect([
      code,
      stdout
        .split('\n')
        .slice(1, 3)
        .map((line) => line.slice(-7)),
    ]).toEqual([0, ['event 1', 'event 2']]);
    expect([server?.asked[0]?.query.get('node'), server?.asked[0]?.query.get('limit')]).toEqual(['web1', '2']);
  });

  it('goes on with what happens, and ends with an error when the server is gone', async () => {
    const whole = block(event(3)) + ': still here\n\n' + block(event(4));
    const { code, stdout, stderr } = await events([event(2), event(1)], [whole.slice(0, 40), whole.slice(40)], '-f');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.slice(-7)),
    ).toEqual(['event 1', 'event 2', 'event 3', 'event 4']);
    expect([code, stderr]).toEqual([1, 'error: The server is gone: the stream of events ended.\n']);
  });

  it('tells each as a line of pure JSON for programs, those of before too', async () => {
    const { stdout } = await events([event(2), event(1)], [block(event(3))], '-f', '-o', 'json');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as Event).id),
    ).toEqual([1, 2, 3]);
  });

  it.each([
    ['name', (text: string) => text.trim().split('\n')],
    ['yaml', (text: string) => (parse(text) as Event[]).map((one) => String(one.id))],
  ] as const)('goes on as %s too', async (format, idsOf) => {
    const { stdout } = await events([event(1)], [block(event(2))], '-f', '-o', format);
    expect(idsOf(stdout)).toEqual(['1', '2']);
  });

  it('follows one node only, by name or id', async () => {
    const nodeId = '7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c';
    const stream = [block(event(1, { nodeName: 'web2' })), block(event(2)), block(event(3, { nodeName: null }))];
    expect((await events([], stream, '-f', '-o', 'name', '--node', 'web1')).stdout).toBe('2\n');
    await server?.stop();
    const { stdout } = await events([], [block(event(1)), block(event(2, { nodeId }))], '-f', '-o', 'name', '--node', nodeId);
    expect(stdout).toBe('2\n');
  });

  it('asks for what is meant, and follows only that', async () => {
    const stream = [
      block(event(3, { severity: 'error' })),
      block(event(4, { severity: 'info' })),
      block(event(5, { kind: 'sign-in' })),
      block(event(6)),
    ];
    const filters = ['--severity', 'warning', '--kind', 'node-health', '--kind', 'node-facts', '--since', '2026-01-31'];
    expect((await events([], stream, '-f', '-o', 'name', ...filters)).stdout).toBe('3\n6\n');
    const query = server?.asked[0]?.query;
    expect(query?.getAll('kind')).toEqual(['node-health', 'node-facts']);
    expect([query?.get('severity'), query?.get('since'), query?.get('until')]).toEqual(['warning', '2026-01-31T00:00:00.000Z', null]);
  });

  it('counts moments from now', async () => {
    await events([], [], '--since', '2h', '--until', 'now');
    const [since, until] = ['since', 'until'].map((name) => Date.parse(server?.asked[0]?.query.get(name) ?? ''));
    expect((until ?? 0) - (since ?? 0)).toBe(7_200_000);
  });

  it.each([
    [['--severity', 'fatal'], 'info, warning, error'],
    [['--kind', 'node-helth'], 'node-health, node-facts'],
    [['--since', 'yesterday'], 'write 2026-01-31, 2026-01-31T18:00+01:00, now-2h, or a span'],
    [['--until', '2026-02-30'], '"2026-02-30" is not a moment'],
    [['-f', '--until', 'now'], 'say one of them'],
  ])('%j is a wrong command line', async (args, said) => {
    const { code, stderr } = await events([], [], ...args);
    expect([code, server?.asked]).toEqual([2, []]);
    expect(stderr).toContain(said);
  });

  it('ends with an error, not with a crash, when the stream is not understood', async () => {
    const { code, stderr } = await events([], ['data: {"id": "x"}\n\n'], '-f');
    expect([code, stderr]).toEqual([1, 'error: The server is gone: the stream of events ended.\n']);
  });

  it('shows what a hostile node says of itself, and does not obey it', async () => {
    const hostile = event(1, { message: '\u001B[2Jgone\nnext', nodeName: 'a\u0007b' });
    const { stdout } = await events([hostile], [block({ ...hostile, id: 2 })], '-f');
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});
