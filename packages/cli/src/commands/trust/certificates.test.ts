import type { Certificate } from '@muster/api';
import { afterEach, describe, expect, it } from 'vitest';
import { exampleNode } from '../../../test/example-node.ts';
import { countsOf, exampleOperation, exampleResult } from '../../../test/example-operation.ts';
import { type Answer, type Asked, FakeServer, problemAnswer } from '../../../test/fake-server.ts';
import { runMuster } from '../../../test/run-muster.ts';

const day = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * day).toISOString();
const certificate = (change: Partial<Certificate> = {}): Certificate => ({
  serial: '0a1b',
  nodeId: exampleNode().id,
  nodeName: 'web1',
  fingerprint: 'ab'.repeat(32),
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: inDays(60),
  issuedAt: '2026-01-02T03:04:05.000Z',
  revokedAt: null,
  revocationReason: null,
  state: 'in-use',
  provenAt: '2026-01-02T03:05:00.000Z',
  retiresAt: null,
  lifeLeft: 0.66,
  authority: 1,
  ...change,
});
const late = certificate();
const soon = certificate({ serial: '0c', nodeName: 'web2', notAfter: inDays(3), lifeLeft: 0.03 });

let server: FakeServer | undefined;
afterEach(() => server?.stop());
const muster = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
  server = await FakeServer.start(answer);
  return runMuster('--socket', server.socketPath, ...args);
};
const list = () => ({ body: { items: [late, soon], total: 2 } });
const bodies = () => server?.asked.filter(({ method }) => method === 'POST').map(({ path, body }) => [path, body]);

describe('muster certificates', () => {
  it('shows the one that expires first on top', async () => {
    const { code, stdout } = await muster(list, 'certificates');
    expect(code).toBe(0);
    const lines = stdout.split('\n').map((line) => line.split(/ {2,}/u));
    expect(lines[0]).toEqual(['NODE', 'SERIAL', 'EXPIRES', 'LIFE LEFT', 'LAST ROTATION', 'STATE']);
    const shown = (at: string) => at.slice(0, 16).replace('T', ' ');
    expect(lines[1]).toEqual(['web2', '0c', shown(soon.notAfter), '3%', '2026-01-02 03:04', 'in-use']);
    expect(lines[2]?.slice(0, 2)).toEqual(['web1', '0a1b']);
  });

  it.each([
    [['--expiring'], '0c\n'],
    [['--within', '10d'], '0c\n'],
    [['--within', '90d'], '0c\n0a1b\n'],
    [['--sort', 'name'], '0a1b\n0c\n'],
    [['--sort', 'life'], '0c\n0a1b\n'],
  ])('%j', async (args, wanted) => expect((await muster(list, 'certificates', ...args, '-o', 'name')).stdout).toBe(wanted));

  it('asks for the nodes and the state that are meant, however many pages that takes', async () => {
    const { stdout } = await muster(
      ({ query }) => ({ body: { items: query.get('offset') === '0' ? [late] : [soon], total: 2 } }),
      'certificates',
      'web',
      '--state',
      'revoked',
      '-o',
      'json',
    );
    expect(JSON.parse(stdout)).toHaveLength(2);
    expect(server?.asked.map(({ query }) => [query.get('range'), query.get('state'), query.get('offset')])).toEqual([
      ['web', 'revoked', '0'],
      ['web', 'revoked', '1'],
    ]);
  });

  it('takes a range that is longer than an address can be', async () => {
    const names = Array.from({ length: 2000 }, (_, i) => `some-name-${i * 7}x`);
    const answer = ({ path }: Asked): Answer =>
      path === '/ranges/expand' ? { body: { names: ['web2'], range: 'web2', count: 1 } } : list();
    const { stdout } = await muster(answer, 'certificates', names.join(','), '-o', 'name');
    expect(stdout).toBe('0c\n');
  });

  it('says when there is none, and shows hostile names without obeying them', async () => {
    const { stderr } = await muster(() => ({ body: { items: [], total: 0 } }), 'certificates', '--expiring');
    expect(stderr).toBe('No certificate matches.\n');
    await server?.stop();
    const hostile = certificate({ nodeName: 'a\u001B[2J', revocationReason: '\u202E' });
    const { stdout } = await muster(() => ({ body: { items: [hostile], total: 1 } }), 'certificates', '-o', 'wide');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });

  it('names the good values', async () => {
    expect((await muster(list, 'certificates', '--state', 'bad')).stderr).toMatch(/new, in-use, retiring, revoked, expired/u);
    await server?.stop();
    expect(await muster(list, 'certificates', '--within', 'soon')).toMatchObject({ code: 2, stderr: expect.stringContaining('90s, 15m') });
  });
});

describe('muster certificate rotate', () => {
  const done = exampleOperation({ title: 'rotate certificates', state: 'succeeded', counts: countsOf({ succeeded: 3 }) });
  const answer = ({ method, path }: Asked): Answer => {
    if (method === 'POST') return { status: 201, body: done };
    return { body: path.endsWith('/results') ? { items: [exampleResult({ message: '' })] } : done };
  };

  it.each([
    [['web[1-9]', '--batch', '2', '--max-fail', '0'], { range: 'web[1-9]', batch: 2, maxFail: 0, expiresInSeconds: 3600 }],
    [['--all'], { range: 'all', expiresInSeconds: 60 }],
    [['--all', '--begin-within', '2592000'], { range: 'all', expiresInSeconds: 2_592_000 }],
  ])('%j', async (args, asked) => {
    const { code, stdout, stderr } = await muster(answer, 'certificate', 'rotate', ...args);
    expect([code, stdout]).toEqual([0, 'node[1-3] (3): succeeded\n']);
    expect(stderr).toContain('rotate certificates: succeeded (3 succeeded)');
    expect(bodies()).toEqual([['/operations', { spec: { kind: 'rotate' }, ...asked }]]);
  });

  it.each([
    [[], 'Which nodes? Name a range, such as web[1-9], or say --all.'],
    [['web1', '--all'], 'Name a range or say --all, not both.'],
  ])('%j is a wrong command line', async (args, said) => {
    expect(await muster(answer, 'certificate', 'rotate', ...args)).toMatchObject({ code: 2, stderr: `error: ${said}\n` });
    expect(server?.asked).toEqual([]);
  });
});

describe('muster certificate revoke', () => {
  const answer = ({ method }: Asked): Answer =>
    method === 'POST' ? { body: { nodeName: 'web1', serials: ['0a1b'] } } : { body: exampleNode({ name: 'web1' }) };

  it.each([
    [['web1', '--reason', 'key-compromise'], { of: { node: 'web1' }, reason: 'key-compromise' }],
    [['--serial', '0a1b'], { of: { serial: '0a1b' }, reason: 'unspecified' }],
  ])('%j', async (args, body) => {
    const { code, stdout } = await muster(answer, 'certificate', 'revoke', ...args, '--yes');
    expect([code, stdout]).toEqual([0, 'Revoked 0a1b of web1.\n']);
    expect(bodies()).toEqual([['/certificates/revoke', body]]);
  });

  it('does nothing without a yes, and tells of a node that is not there before it asks', async () => {
    const { code, stderr } = await muster(answer, 'certificate', 'revoke', 'web1');
    expect([code, bodies()]).toEqual([2, []]);
    expect(stderr).toMatch(/Revoke all certificates of web1\?.*Nothing was revoked. Say --yes/u);
    await server?.stop();
    const refused = await muster(() => problemAnswer('not-found', 'There is no node web9.'), 'certificate', 'revoke', 'web9');
    expect(refused).toMatchObject({ code: 1, stderr: 'error: There is no node web9.\n' });
  });

  it.each([
    [[], 'Name a node or --serial: one of them.'],
    [['web1', '--serial', 'ab'], 'Name a node or --serial: one of them.'],
    [['--serial', 'XY'], '"XY" is not a serial'],
    [['web1', '--reason', 'theft'], 'unspecified, key-compromise, superseded, cessation-of-operation'],
  ])('%j is a wrong command line', async (args, said) => {
    const { code, stderr } = await muster(answer, 'certificate', 'revoke', ...args, '--yes');
    expect([code, bodies()]).toEqual([2, []]);
    expect(stderr).toContain(said);
  });

  it('says when nothing was left', async () => {
    const { stdout } = await muster(() => ({ body: { nodeName: 'web1', serials: [] } }), 'certificate', 'revoke', 'web1', '--yes');
    expect(stdout).toBe('Nothing was left to revoke of web1.\n');
  });
});
