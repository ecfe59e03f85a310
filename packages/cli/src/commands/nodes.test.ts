import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problem } from '@muster/api';
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
      privateIp: null,
      reportedIp: '10.0.0.12',
      maintenance: { reason: 'x', by: 'ada', since: '2026-01-01T00:00:00.000Z', until: null },
      scheduling: { state: 'drained', reason: '', by: 'ada', since: null },
      health: { state: 'bad', reasons: [{ code: 'not-heard', message: 'Not heard within 15 s.' }], since: null },
    });
    const { code, stdout, stderr } = await nodes(listOf(exampleNode(), bad));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      [
        'NAME  HEALTH  HEARD   STATE                 PRIVATE IP         REGISTERED  CORES  MEMORY  GPUS  WHY',
        'web1  good    3s ago  -                     10.0.0.11          yes             8  32 GiB     0',
        'web2  bad     never   maintenance, drained  10.0.0.12 (agent)  yes             -       -     -  Not heard within 15 s.',
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

  it('asks for a range, with the text of its files in place of their names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-range-'));
    writeFileSync(join(folder, 'list'), 'web1 # the first\n-web9\n');
    await nodes(listOf(), '--range', `rack1,^${join(folder, 'list')}`, '--allow-empty');
    rmSync(folder, { recursive: true });
    const [{ query } = { query: new URLSearchParams() }] = server?.asked ?? [];
    expect([query.get('range'), query.get('allowEmpty')]).toEqual(['rack1,((all,-all),web1,-web9)', 'true']);
  });

  it('tells what is wrong with a range where it was typed: in a line of a file too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-range-'));
    const list = join(folder, 'list');
    writeFileSync(list, '# all\nweb1,wbe2\n');
    const answer = ({ query }: Asked): Answer => {
      const range = query.get('range') ?? '';
      const { problem: body } = problem('invalid-request', 'as the server shows it', [
        { path: 'range', message: 'no node or group is named wbe2. Did you mean web2?', offset: range.indexOf('wbe2'), length: 4 },
      ]);
      return { status: 400, body };
    };
    const { code, stderr } = await nodes(answer, '--range', `rack1,^${list}`);
    rmSync(folder, { recursive: true });
    expect([code, stderr]).toEqual([1, `error: ${list}:2: no node or group is named wbe2\n  web1,wbe2\n       ^^^^\nDid you mean web2?\n`]);
  });

  it('asks for the names of a range that is too long for an address', async () => {
    const names = Array.from({ length: 2500 }, (_, i) => `host-${'x'.repeat(i % 7)}-${i}`);
    const all = [...names, 'other'].map((name) => exampleNode({ name }));
    const answer = ({ path, query }: Asked): Answer => {
      if (path === '/ranges/expand') return { body: { names, range: 'x' } };
      const offset = Number(query.get('offset'));
      return { body: { items: all.slice(offset, offset + 1000), total: all.length } };
    };
    const { stdout } = await nodes(answer, '--range', names.join(','), '-o', 'name');
    expect(stdout.trim().split('\n')).toEqual(names);
    expect(server?.asked.filter(({ query }) => query.has('range'))).toEqual([]);
  });

  it('shows a saved view, with what is given besides', async () => {
    const view = { id: exampleNode().id, shared: false, owner: 'ada', own: true, updatedAt: '2026-01-01T00:00:00.000Z' };
    const query = { sort: '-gpus', filter: ['gpus:>0'], range: 'rack1', columns: null };
    const views = [
      { ...view, name: 'gpus', own: false, shared: true, query: { ...query, sort: 'name' } },
      { ...view, name: 'gpus', query },
    ];
    const answer = ({ path }: Asked): Answer => ({ body: path === '/views' ? { items: views } : { items: [exampleNode()], total: 1 } });
    await nodes(answer, '--view', 'gpus', '--filter', 'health:good', '--range', 'web[1-9]', '-o', 'name');
    const asked = server?.asked[1]?.query ?? new URLSearchParams();
    expect([asked.get('sort'), asked.getAll('filter'), asked.get('range')]).toEqual([
      '-gpus',
      ['gpus:>0', 'health:good'],
      '(rack1)@(web[1-9])',
    ]);
    await server?.stop();
    await nodes(answer, '--view', 'gpus', '--sort', 'name', '-o', 'name');
    expect(server?.asked[1]?.query.get('sort')).toBe('name');
    await server?.stop();
    const { code, stderr } = await nodes(answer, '--view', 'gpsu');
    expect([code, stderr]).toEqual([1, 'error: There is no view named "gpsu". Did you mean "gpus"?\n']);
  });

  it('is CSV with every field where that is asked for', async () => {
    const { stdout } = await nodes(listOf(exampleNode({ notes: '=1+1' })), '-o', 'csv');
    const [header = '', line = '', end] = stdout.split('\r\n');
    expect(end).toBe('');
    expect(header.split(',')).toEqual(expect.arrayContaining(['name', 'certificateSerial', 'certificateIssuedAt', 'labels']));
    expect(line).toContain("'=1+1");
  });

  it('has the credential of a node among the wide columns: serial, last rotation, end', async () => {
    const { stdout } = await nodes(listOf(exampleNode()), '-o', 'wide');
    const [header = '', line = ''] = stdout.split('\n');
    for (const [title, cell] of [
      ['CREDENTIAL', '0123456789abcdef0123456789abcdef'],
      ['ISSUED', '2026-01-01'],
      ['EXPIRES', '2026-04-01'],
    ] as const)
      expect(line.slice(header.indexOf(title)).startsWith(cell), title).toBe(true);
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
