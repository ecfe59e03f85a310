import { afterEach, describe, expect, it } from 'vitest';
import { exampleNode } from '../../test/example-node.ts';
import { type Answer, type Asked, FakeServer, problemAnswer } from '../../test/fake-server.ts';
import { runMuster } from '../../test/run-muster.ts';

describe('muster nodes', () => {
  let server: FakeServer | undefined;
  afterEach(() => server?.stop());

  const nodes = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
    server = await FakeServer.start(answer);
    return runMuster('--socket', server.socketPath, 'nodes', ...args);
  };
  const listOf =
    (...items: object[]) =>
    (): Answer => ({ body: { items, total: items.length } });

  it('shows each node on a line', async () => {
    const bad = exampleNode({
      name: 'web2',
      facts: null,
      heartbeatAgeSeconds: null,
      health: { state: 'bad', reasons: [{ code: 'not-heard', message: 'Not heard within 15 s.' }], since: null },
    });
    const { code, stdout, stderr } = await nodes(listOf(exampleNode(), bad));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      [
        'NAME  HEALTH  HEARD   PRIVATE IP  REGISTERED  CORES  MEMORY  GPUS  WHY',
        'web1  good    3s ago  10.0.0.11   yes             8  32 GiB     0',
        'web2  bad     never   10.0.0.11   yes             -       -     -  Not heard within 15 s.',
        '',
      ].join('\n'),
    );
  });

  it('asks as it is told to', async () => {
    await nodes(listOf(), '--sort', '-cores,name', '--filter', 'health:bad', '--filter', 'group:worker');
    expect(server?.asked).toHaveLength(1);
    const [{ path, query } = { path: '', query: new URLSearchParams() }] = server?.asked ?? [];
    expect([path, query.get('sort'), query.getAll('filter')]).toEqual(['/nodes', '-cores,name', ['health:bad', 'group:worker']]);
  });

  it('has all nodes, however many pages that takes', async () => {
    const all = Array.from({ length: 2500 }, (_, i) => exampleNode({ name: `web${i}` }));
    const paged = ({ query }: Asked): Answer => {
      const offset = Number(query.get('offset'));
      return { body: { items: all.slice(offset, offset + Number(query.get('limit'))), total: all.length } };
    };
    const { stdout } = await nodes(paged, '-o', 'name');
    expect(stdout.trim().split('\n')).toEqual(all.map((node) => node.name));
    expect(server?.asked.map(({ query }) => query.get('offset'))).toEqual(['0', '1000', '2000']);
  });

  it('ends when nodes are removed while it reads', async () => {
    const { stdout } = await nodes(
      ({ query }) => ({ body: { items: query.get('offset') === '0' ? [exampleNode()] : [], total: 5 } }),
      '-o',
      'name',
    );
    expect(stdout).toBe('web1\n');
  });

  it('is pure JSON where that is asked for, also for no node', async () => {
    expect(JSON.parse((await nodes(listOf(exampleNode()), '-o', 'json')).stdout)).toEqual([exampleNode()]);
    await server?.stop();
    expect(await nodes(listOf(), '-o', 'json')).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
  });

  it('says what to do when there is none', async () => {
    const { stdout, stderr } = await nodes(listOf());
    expect(stdout).toMatch(/^NAME/u);
    expect(stderr).toContain('No nodes yet: "muster apply -i inventory.ini"');
  });

  it('tells what the server finds wrong', async () => {
    const { code, stderr } = await nodes(
      () => problemAnswer('invalid-request', '"colour" is not a key to filter by.'),
      '--filter',
      'colour:red',
    );
    expect([code, stderr]).toEqual([1, 'error: "colour" is not a key to filter by.\n']);
  });

  it('says so when what answers is no Muster', async () => {
    const { code, stderr } = await nodes(() => (response) => response.end('<html>'));
    expect([code, stderr]).toEqual([1, expect.stringContaining('is this the address of a Muster server of the same version?')]);
  });

  it('says so when the server breaks off', async () => {
    const { code, stderr } = await nodes(() => (response) => response.destroy());
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: The server on \S+ broke off: /u)]);
  });

  it('shows what a hostile node says of itself, and does not obey it', async () => {
    const { facts } = exampleNode();
    const node = exampleNode({
      facts: { ...facts!, hostname: '\u001B[2J\u001B[31mowned\n', kernel: '\u009B1A', os: { id: 'x', version: 'x', name: 'evil\rDebian' } },
      health: { state: 'degraded', reasons: [{ code: 'service-not-running', message: 'a\u001B]0;x\u0007.service' }], since: null },
    });
    for (const format of ['table', 'wide']) {
      const { stdout } = await nodes(listOf(node), '-o', format);
      expect(stdout.split('\n')).toHaveLength(3);
      expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      await server?.stop();
    }
    const { stdout } = await nodes(() => ({ body: node }), '-o', 'json');
    expect(stdout).not.toContain('\u001B');
  });
});
