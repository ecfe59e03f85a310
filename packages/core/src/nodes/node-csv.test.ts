import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleFacts, exampleNode, nowMs } from '../../test/example-node.ts';
import { nodeCsvHeader, nodeCsvLine } from './node-csv.ts';

/** Reads CSV as RFC 4180 has it, to see that any reader gets back what was meant. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gu)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows.slice(0, -1);
}

const cellsOf = (node: ReturnType<typeof exampleNode>): Record<string, string | undefined> => {
  const [header = [], line = []] = parseCsv(nodeCsvHeader() + nodeCsvLine(node, nowMs));
  expect(line).toHaveLength(header.length);
  return Object.fromEntries(header.map((name, at) => [name, line[at]]));
};

describe('a node as a line of CSV', () => {
  it('has every field under its name', () => {
    expect(cellsOf(exampleNode({ labels: { rack: 'a', zone: 'b' }, groups: ['worker', 'gpu'] }))).toMatchObject({
      id: '7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c',
      name: 'web1',
      health: 'good',
      cores: '8',
      memoryBytes: '34359738368',
      clockSkewSeconds: '-0.5',
      certificateDaysLeft: '88',
      labels: 'rack=a zone=b',
      groups: 'worker gpu',
      publicIp: '',
      maintenance: 'off',
    });
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', ' =1', '\t=1', '＝1', '|calc', '%0', '\r\n=1'])('never begins with a formula: %j', (text) => {
    const { notes } = cellsOf(exampleNode({ notes: text }));
    expect(notes?.startsWith("'")).toBe(true);
  });

  it('brings back any text that is no formula, whatever stands in it', () => {
    const printable = fc.string({ unit: fc.constantFrom(...'ab,";\n\r\t \u00e4'), minLength: 1 }).map((text) => `a${text}`);
    fc.assert(
      fc.property(printable, printable, (notes, hostname) => {
        const cells = cellsOf(exampleNode({ notes, facts: exampleFacts({ hostname }) }));
        expect([cells['notes'], cells['hostname']]).toEqual([notes, hostname]);
      }),
    );
  });

  const nasty = fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n\0\u202E \uFF1D\u001B",;a') });

  it('is one line of cells, and none a formula, whatever a machine says of itself', () => {
    fc.assert(
      fc.property(nasty, fc.string(), (hostname, kernel) => {
        const cells = cellsOf(exampleNode({ notes: kernel, facts: exampleFacts({ hostname, kernel }) }));
        for (const cell of [cells['hostname'], cells['kernel'], cells['notes']]) expect(cell).not.toMatch(/^[\s\p{Cc}]*[=+\-@]/u);
      }),
    );
  });
});
