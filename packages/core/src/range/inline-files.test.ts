import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandRange } from './expand-range.ts';
import { inlineRangeFiles } from './inline-files.ts';
import { NodeRangeError } from './node-range-error.ts';
import { attempt, clusterWorld, rangeErrorOf } from './test/range-fixtures.ts';

const files = (contents: Record<string, string>) => (path: string) => {
  const text = contents[path];
  if (text === undefined) throw new Error('no such file');
  return text;
};

describe('files put into a range', () => {
  it('name the same nodes on a server as here', () => {
    const readFile = files({ a: 'node01 # the first\n\n# nothing\nrack2,-node11\n-node12\n' });
    const { text } = inlineRangeFiles('^a,web001', readFile);
    expect(text).not.toContain('^');
    expect(expandRange(text, clusterWorld())).toEqual(expandRange('^a,web001', clusterWorld({ readFile })));
  });

  it('leave a range without files as it is', () => {
    expect(inlineRangeFiles('node[01-03],-/x(a|b)@rack1', files({})).text).toBe('node[01-03],-/x(a|b)@rack1');
  });

  it('are the same set, whatever stands in them and around them', () => {
    const item = fc.constantFrom(
      'node01',
      'rack1',
      '-node05',
      'rack2@cores>=15',
      '-rack3',
      'web[001-003]',
      '/f.*',
      'label.zone=a',
      '(n9,n10)',
      '-(rack1,-node03)',
    );
    const line = fc.oneof(
      fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(',')),
      fc.constantFrom('', '# x', 'nobody', 'a,,b'),
    );
    const content = fc.array(line, { maxLength: 4 }).map((lines) => lines.join('\n'));
    const range = fc.constantFrom('^a', '-^a,all', 'rack1,^a,^b', '(^a@rack1),^b', 'rack1@^a,-^b', '^a@^b', ' ^a , rack1', '^"a",rack2');
    fc.assert(
      fc.property(range, content, content, (text, a, b) => {
        const readFile = files({ a, b });
        const here = attempt(() => expandRange(text, clusterWorld({ readFile }), { allowEmpty: true }));
        const there = attempt(() => expandRange(inlineRangeFiles(text, readFile).text, clusterWorld(), { allowEmpty: true }));
        expect(there).toEqual(here);
      }),
      { numRuns: 1000 },
    );
  });

  it('tell what is wrong in them by file and line, before anything is sent', () => {
    const readFile = files({ list: 'node01\nnode02,,node03', other: 'rack1\n^list' });
    expect(rangeErrorOf(() => inlineRangeFiles('rack1,^list', readFile))).toMatchObject({ file: 'list', line: 2, offset: 7 });
    expect(rangeErrorOf(() => inlineRangeFiles('^other', readFile))).toMatchObject({ fault: 'unreadable-file', file: 'other', line: 2 });
    expect(rangeErrorOf(() => inlineRangeFiles('rack1,^missing', readFile))).toMatchObject({ fault: 'unreadable-file', offset: 6 });
    expect(rangeErrorOf(() => inlineRangeFiles('rack1,', readFile))).toMatchObject({ fault: 'empty-term' });
  });

  it('know where an error of the server stood', () => {
    const readFile = files({ list: '# all\nnode01,nobdy\n-node02,web001,nowhere' });
    const inlined = inlineRangeFiles('rack1 , ^list,nothing', readFile);
    const placeOf = (word: string) => {
      const { source, span } = inlined.placeOf({ offset: inlined.text.indexOf(word), length: word.length });
      return [source.file, source.line, source.text.slice(span.offset, span.offset + span.length)];
    };
    expect(placeOf('nobdy')).toEqual(['list', 2, 'nobdy']);
    expect(placeOf('nowhere')).toEqual(['list', 3, 'nowhere']);
    expect(placeOf('nothing')).toEqual([undefined, undefined, 'nothing']);
    expect(placeOf('rack1')).toEqual([undefined, undefined, 'rack1']);
    // What was put between the lines belongs to the name of the file.
    expect(inlined.placeOf({ offset: inlined.text.indexOf('((all'), length: 5 })).toMatchObject({ span: { offset: 8 } });
  });

  it('find a place for any offset', () => {
    const inlined = inlineRangeFiles('^a,rack1', files({ a: 'node01\nnode02' }));
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), (offset, length) => {
        const { source, span } = inlined.placeOf({ offset, length });
        expect(span.offset).toBeLessThanOrEqual(source.text.length);
        expect(() => new NodeRangeError(source, span, { fault: 'unexpected', problem: 'x', advice: 'y' }).describe()).not.toThrow();
      }),
    );
  });
});
