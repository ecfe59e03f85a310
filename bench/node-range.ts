import { expandRange, foldNames } from '@muster/core';

/* Expanding a range of many nodes and folding it back, beside the obvious way to do it. Usage: node bench/node-range.ts [NODES] [RUNS] */

const count = Number(process.argv[2] ?? 100_000);
const runs = Number(process.argv[3] ?? 15);
const width = String(count).length;
const names = Array.from({ length: count }, (_, at) => `node${String(at + 1).padStart(width, '0')}`);
const range = `node[${'1'.padStart(width, '0')}-${count}]`;
const world = { names, groups: new Map<string, string[]>(), attributeOf: () => undefined };

function medianMs(work: () => unknown): number {
  const times = Array.from({ length: runs }, () => {
    const startedMs = performance.now();
    work();
    return performance.now() - startedMs;
  }).sort((a, b) => a - b);
  return times[Math.floor(runs / 2)] ?? 0;
}

/** What one writes first: make the names, keep those that exist, sort them with the language's own natural order. */
function naiveExpand(): string[] {
  const made = Array.from({ length: count }, (_, at) => `node${String(at + 1).padStart(width, '0')}`);
  const known = new Set(names);
  return made.filter((name) => known.has(name)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

if (foldNames(expandRange(range, world)) !== range || naiveExpand().length !== count) throw new Error('the range does not come back');
const [expandMs, foldMs, naiveMs] = [medianMs(() => expandRange(range, world)), medianMs(() => foldNames(names)), medianMs(naiveExpand)];
const regexMs = medianMs(() => expandRange(String.raw`/node(\d+)`, world));
const told = [`expand ${expandMs.toFixed(1)} ms`, `fold ${foldMs.toFixed(1)} ms`, `regex over all names ${regexMs.toFixed(1)} ms`];
process.stdout.write(`${count} nodes, medians of ${runs}: ${told.join(', ')}; naive expansion ${naiveMs.toFixed(1)} ms, `);
process.stdout.write(`${(naiveMs / expandMs).toFixed(1)} times ours (Node ${process.versions.node})\n`);
