import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { clusterOf } from '../host/cluster.ts';
import { checks } from './checks.ts';
import { portTable } from './port-table.ts';

const guide = readFileSync(join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'apply.md'), 'utf8');

/** The rows of the table whose first title this is, each with its cells. */
function rowsUnder(title: string): string[][] {
  const lines = guide.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${title} `));
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start + 2, start + length).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

describe('the guide', () => {
  it('has every check, with what it looks for and how serious that is', () => {
    expect(rowsUnder('check')).toEqual(Object.entries(checks).map(([name, texts]) => [name, ...texts]));
  });

  it('has every line of the table of ports', () => {
    const [host] = clusterOf(inventoryOf('[driver]\nboss\n')).hosts;
    const rows = portTable.map(({ protocol, ports, from, to, what }) => {
      const numbers = typeof ports === 'function' ? ports(host!) : ports;
      return [protocol, numbers.join(', '), from, to, what];
    });
    expect(rowsUnder('protocol')).toEqual(rows);
  });
});
