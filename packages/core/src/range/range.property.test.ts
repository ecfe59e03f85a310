import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandRange } from './expand-range.ts';
import { foldNames } from './fold-names.ts';
import { compareNatural } from './natural-order.ts';
import { parseRange } from './parse-range.ts';
import { attempt, clusterNames, clusterWorld, errorOf, worldOf } from './test/range-fixtures.ts';

const RUNS = { numRuns: 500 };
const world = clusterWorld({ readFile: (path) => (path.length < 9 ? path : fail()) });
const known = new Set(clusterNames);

function fail(): never {
  throw new Error('unreadable');
}

/** Terms that are understood. */
const term = fc.constantFrom(
  ...['node01', 'node01-node05', 'node[01-03,05]', 'f[1-2]n[1-3]', 'node08+3', 'rack1', 'rack2', 'rack1-rack3', 'gpu', 'all', 'empty'],
  ...['/node0[1-3]', '/f.*', 'cores>=12', 'health=bad', 'role=worker', 'label.zone!=a', 'n9:n12', 'node-a-1-node-a-3', 'web[001-010/3]'],
  ...['^node02'],
);

/** Whole ranges that are understood. */
const { range } = fc.letrec<{ range: string; item: string; part: string }>((tie) => ({
  range: fc.array(tie('item'), { minLength: 1, maxLength: 3 }).map((items) => items.join(',')),
  item: fc
    .tuple(fc.constantFrom('', '', '-'), fc.array(tie('part'), { minLength: 1, maxLength: 2 }))
    .map(([sign, parts]) => sign + parts.join('@')),
  part: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    term,
    tie('range').map((inner) => `(${inner})`),
  ),
}));

/** Anything, from near misses to noise. */
const soup = fc
  .array(
    fc.oneof(
      term,
      fc.constantFrom(
        ...',,-@()[]/^+:=<>!~"\'\\ \t\n#*?{}.|$;&',
        '01',
        '-',
        'node',
        'x',
        '99',
        '1-',
        '(?',
        '{1,',
        '\\d',
        '=~',
        '!=',
        '😀',
        '\uD800',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('whatever is written', () => {
  it('is parsed, or refused with a place in the text', () => {
    fc.assert(
      fc.property(soup, (text) => {
        if (attempt(() => parseRange(text)) !== undefined) return;
        const error = errorOf(text);
        expect(error.text).toBe(text);
        expect(error.offset).toBeGreaterThanOrEqual(0);
        expect(error.offset).toBeLessThanOrEqual(text.length);
        expect(error.length).toBeGreaterThan(0);
        expect(error.describe().split('\n')).toHaveLength(4);
        expect(error.describe()).not.toMatch(/[\0-\x09\x0B-\x1F\x7F]/);
      }),
      { numRuns: 4000 },
    );
  });

  it('names nodes of the world in natural order, each once, or is refused', () => {
    fc.assert(
      fc.property(fc.oneof(soup, range), fc.boolean(), (text, allowEmpty) => {
        const names = attempt(() => expandRange(text, world, { allowEmpty }));
        if (names === undefined) return;
        expect(names.filter((name) => !known.has(name))).toEqual([]);
        expect(names.every((name, at) => at === 0 || compareNatural(names[at - 1]!, name) < 0)).toBe(true);
        expect(names.length > 0 || allowEmpty).toBe(true);
      }),
      { numRuns: 4000 },
    );
  });

  it('is refused at the same place again', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const first = attempt(() => expandRange(text, world));
        if (first === undefined) expect(errorOf(text, {}, world).describe()).toBe(errorOf(text, {}, world).describe());
        else expect(expandRange(text, world)).toEqual(first);
      }),
      RUNS,
    );
  });

  it('a grammatical range of known names is never refused', () => {
    fc.assert(
      fc.property(range, (text) => {
        expect(() => expandRange(text, world, { allowEmpty: true })).not.toThrow();
      }),
      RUNS,
    );
  });
});

describe('the algebra of ranges', () => {
  const expandIn = (text: string): string[] => expandRange(text, world, { allowEmpty: true });
  const setOf = (text: string): ReadonlySet<string> => new Set(expandIn(text));
  const every = expandIn('all');

  it('a comma unites, @ intersects, - excludes', () => {
    fc.assert(
      fc.property(range, range, (a, b) => {
        const [inA, inB] = [setOf(`(${a})`), setOf(`(${b})`)];
        expect(expandIn(`(${a}),(${b})`)).toEqual(every.filter((name) => inA.has(name) || inB.has(name)));
        expect(expandIn(`(${a})@(${b})`)).toEqual(every.filter((name) => inA.has(name) && inB.has(name)));
        expect(expandIn(`(${a}),-(${b})`)).toEqual(every.filter((name) => inA.has(name) && !inB.has(name)));
      }),
      RUNS,
    );
  });

  it('the order of items and of terms never matters', () => {
    fc.assert(
      fc.property(range, range, range, (a, b, c) => {
        expect(expandIn(`-(${c}),(${a}),(${b})`)).toEqual(expandIn(`(${b}),(${a}),-(${c})`));
        expect(expandIn(`(${a}),-(${c}),(${b})`)).toEqual(expandIn(`(${b}),(${a}),-(${c})`));
        expect(expandIn(`(${a})@(${b})@(${c})`)).toEqual(expandIn(`(${c})@(${a})@(${b})`));
      }),
      RUNS,
    );
  });

  it('what was excluded cannot be included on the same level, only around it', () => {
    fc.assert(
      fc.property(range, range, (a, b) => {
        expect(expandIn(`(${a}),-(${b}),(${b})`)).toEqual(expandIn(`(${a}),-(${b})`));
        expect(expandIn(`((${a}),-(${b})),(${b})`)).toEqual(expandIn(`(${a}),(${b})`));
      }),
      RUNS,
    );
  });

  it('parentheses around a whole range, and blanks, change nothing', () => {
    fc.assert(
      fc.property(range, (text) => {
        expect(expandIn(`((${text}))`)).toEqual(expandIn(text));
        expect(expandIn(` ${text.replaceAll(/(?<!\[[^\]]*),/g, ' , ')} `)).toEqual(expandIn(text));
      }),
      RUNS,
    );
  });

  it('@ binds before the comma', () => {
    fc.assert(
      fc.property(range, range, range, (a, b, c) => {
        expect(expandIn(`(${a}),(${b})@(${c})`)).toEqual(expandIn(`(${a}),((${b})@(${c}))`));
      }),
      RUNS,
    );
  });
});

describe('folding', () => {
  const digits = fc.oneof(
    fc.nat(12).map(String),
    fc.nat(120).map((value) => String(value).padStart(2, '0')),
    fc.constantFrom('007', '008', '1000', '0'),
  );
  const literal = fc.constantFrom('n', 'node', 'node-', 'a-b-', '-x', '.site', '_', '-', 'é', '');
  /** Names with up to three numbers of different widths; many are prefixes of others. */
  const name = fc
    .tuple(
      fc.constantFrom('n', 'node', 'f', 'a-b-', ''),
      digits,
      fc.array(fc.tuple(literal, digits), { maxLength: 2 }),
      fc.constantFrom('', '', '-ib0', '.site', '-'),
    )
    .map(([first, number, rest, end]) => first + number + rest.flat().join('') + end);
  const odd = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.constantFrom('all', '-n1', 'a,b', 'a b', 'x/', '[1-2]', '', 'n1-n2', 'n1:n2', 'a=b', '/x', '^x'),
  );

  it('names exactly the same nodes when it is expanded again', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 60 }), fc.array(name, { maxLength: 20 }), (names, others) => {
        const folded = foldNames(names);
        const expected = expandRange('all', worldOf(names));
        expect([folded, expandRange(folded, worldOf(names))]).toEqual([folded, expected]);
        // Also among other nodes, whose names might be taken for parts of it.
        expect([folded, expandRange(folded, worldOf([...others, ...names]))]).toEqual([folded, expected]);
      }),
      { numRuns: 1500 },
    );
  });

  it('does so for any names', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(name, odd), { minLength: 1, maxLength: 30 }), (names) => {
        const folded = foldNames(names);
        expect([folded, expandRange(folded, worldOf(names))]).toEqual([folded, expandRange('all', worldOf(names))]);
      }),
      RUNS,
    );
  });

  it('does so for what a range names, and is stable', () => {
    fc.assert(
      fc.property(range, (text) => {
        const names = expandRange(text, world, { allowEmpty: true });
        fc.pre(names.length > 0);
        const folded = foldNames(names);
        expect(expandRange(folded, world)).toEqual(names);
        expect(foldNames(expandRange(folded, world))).toBe(folded);
        expect(foldNames(names.toReversed())).toBe(folded);
      }),
      RUNS,
    );
  });

  it('is never longer than the list of names', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 60 }), (names) => {
        // Two names with nothing or a letter in common grow by their brackets: [1-2], n[1-2].
        const brackets = 2 * (foldNames(names).split('[').length - 1);
        expect(foldNames(names).length).toBeLessThanOrEqual(names.join(',').length + brackets);
      }),
      RUNS,
    );
  });

  it('folds a whole product to one term', () => {
    const run = fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(run, run, ([a, lengthA, widthA], [b, lengthB, widthB]) => {
        const numbers = (first: number, length: number, width: number): string[] =>
          Array.from({ length }, (_, at) => String(first + at).padStart(width, '0'));
        const names = numbers(a, lengthA, widthA).flatMap((x) => numbers(b, lengthB, widthB).map((y) => `r${x}n${y}`));
        expect(foldNames(names).replaceAll(/\[[^\]]*\]/g, '')).not.toContain(',');
      }),
      RUNS,
    );
  });
});
