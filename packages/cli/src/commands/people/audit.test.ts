import type { AuditEntry } from '@muster/api';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, type Asked, FakeServer } from '../../../test/fake-server.ts';
import { runMuster } from '../../../test/run-muster.ts';
import { momentOf } from './audit.ts';

const entry = (id: number, change: Partial<AuditEntry> = {}): AuditEntry => ({
  id,
  at: '2026-01-01T00:00:00.000Z',
  who: { kind: 'person', id: 'p1', name: 'ada@example.org', role: 'operator' },
  from: '10.0.0.1',
  what: 'replaceNode',
  target: { kind: 'nodes', id: 'n1', name: 'web1' },
  nodes: ['web1'],
  input: null,
  result: 'done',
  status: 200,
  code: null,
  message: null,
  before: { notes: 'old', groups: ['web'] },
  after: { notes: 'new', groups: ['web'] },
  leftOut: 0,
  ...change,
});

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
const audit = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
  await server?.stop();
  server = await FakeServer.start(answer);
  return runMuster('--socket', server.socketPath, 'audit', ...args);
};
const page = (...items: AuditEntry[]) => ({ body: { items, total: items.length } });

describe('muster audit', () => {
  it('tells oldest first who asked for what, and with wide what changed', async () => {
    const refused = entry(2, {
      result: 'refused',
      status: 403,
      message: 'no, never',
      target: null,
      nodes: [],
      what: 'addNode',
      before: null,
      after: null,
    });
    const { stdout } = await audit(() => page(refused, entry(1)));
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/u))).toEqual([
      ['AT', 'WHO', 'WHAT', 'TARGET', 'RESULT', 'WHY'],
      ['2026-01-01 00:00:00', 'ada@example.org', 'replaceNode', 'web1', 'done'],
      ['2026-01-01 00:00:00', 'ada@example.org', 'addNode', '-', 'refused', 'no, never'],
      [''],
    ]);
    expect((await audit(() => page(entry(1)), '-o', 'wide')).stdout).toContain('notes: old -> new');
  });

  it('asks for what is looked for, and for as many pages as it takes', async () => {
    const all = Array.from({ length: 2500 }, (_, at) => entry(2500 - at));
    const answer = ({ query }: Asked) => {
      const before = Number(query.get('before') ?? Infinity);
      return page(...all.filter(({ id }) => id < before).slice(0, Number(query.get('limit'))));
    };
    const { stdout } = await audit(
      answer,
      '--limit',
      '2200',
      '-o',
      'name',
      '--who',
      'ada',
      '--what',
      'node',
      '--node',
      'web1',
      '--result',
      'done',
      '--since',
      '2026-01-01',
    );
    const ids = stdout.trim().split('\n').map(Number);
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([2200, 301, 2500]);
    expect(server?.asked.map(({ query }) => [query.get('limit'), query.get('before')])).toEqual([
      ['1000', null],
      ['1000', '1501'],
      ['200', '501'],
    ]);
    expect(Object.fromEntries(server?.asked[0]?.query ?? [])).toEqual({
      limit: '1000',
      who: 'ada',
      what: 'node',
      node: 'web1',
      result: 'done',
      from: '2026-01-01T00:00:00.000Z',
    });
    expect((await audit(answer, '--limit', '1000000', '-o', 'json')).stdout.length).toBeGreaterThan(100_000);
  });

  it('gives it for spreadsheets, where nothing of it is run', async () => {
    const { stdout } = await audit(() => page(entry(1, { who: { kind: 'nobody', id: null, name: '=cmd()', role: null } })), '-o', 'csv');
    expect(stdout.split('\r\n')).toHaveLength(3);
    expect(stdout).toContain(",'=cmd(),nobody,");
  });

  it('shows hostile text and does not obey it', async () => {
    const hostile = entry(1, {
      target: { kind: 'nodes', id: null, name: '\u001B[2Jx' },
      nodes: [],
      message: 'a\nb',
      after: { notes: '\u001B[1m' },
    });
    expect((await audit(() => page(hostile), '-o', 'wide')).stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it.each([
    ['--since', 'yesterday'],
    ['--until', '5y'],
    ['--limit', '0'],
    ['--result', 'good'],
    ['-o', 'xml'],
  ])('does not take %s %s', async (...args) => {
    expect(await audit(() => page(), ...args)).toMatchObject({ code: 2, stdout: '' });
    expect(server?.asked).toEqual([]);
  });
});

describe('a moment', () => {
  it.each([
    ['90m', 90 * 60_000],
    ['12h', 12 * 3_600_000],
    ['7d', 7 * 86_400_000],
    ['2w', 14 * 86_400_000],
  ])('%s is so long ago', (text, agoMs) => expect(Math.abs(Date.now() - agoMs - Date.parse(momentOf(text)))).toBeLessThan(5000));

  it('is taken as it is written', () => expect(momentOf('2026-01-31T08:00:00+02:00')).toBe('2026-01-31T06:00:00.000Z'));
});
