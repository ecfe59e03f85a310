import { describe, expect, it } from 'vitest';
import { problemsOf } from './house.ts';

const file = (path: string, text = 'export {};\n', lineCount = 1) => ({ path, text, lineCount });

describe('problemsOf', () => {
  it('has nothing against a short file with a telling name', () => {
    expect(problemsOf(file('packages/core/src/health/decide-health.ts'))).toEqual([]);
  });

  it('finds a file over 400 lines', () => {
    expect(problemsOf(file('packages/core/src/a.ts', 'export {};\n', 400))).toEqual([]);
    expect(problemsOf(file('packages/core/src/a.ts', 'export {};\n', 401))).toEqual([
      expect.stringMatching(/^packages\/core\/src\/a\.ts: 401 lines/u),
    ]);
  });

  it('takes a reason in the first comment of a long file, and only there', () => {
    const reason = 'This file is long because the table has a row for every state.';
    const long = (text: string) => problemsOf(file('packages/core/src/a.ts', text, 500));
    expect(long(`/*\n * ${reason}\n */\nexport {};\n`)).toEqual([]);
    expect(long(`// States.\n// ${reason}\nexport {};\n`)).toEqual([]);
    expect(long(`-- ${reason}\ncreate table t ();\n`)).toEqual([]);
    expect(long(`#!/bin/sh\n# ${reason}\n`)).toEqual([]);
    expect(long(`export {};\n// ${reason}\n`)).toHaveLength(1);
    expect(long('// Much in here.\nexport {};\n')).toHaveLength(1);
  });

  it.each(['utils.ts', 'utils/a.ts', 'string-helpers.ts', 'common.test.ts', 'node-manager.ts'])('finds that %s says nothing', (name) => {
    expect(problemsOf(file(`packages/core/src/${name}`))).toHaveLength(1);
  });

  it.each([
    ...['oxlint', 'eslint'].map((name) => `// ${name}-disable-next-line`),
    ...['ignore', 'expect-error'].map((word) => `// @ts-${word}`),
  ])('finds the silenced check %s', (comment) => {
    expect(problemsOf(file('packages/core/src/a.ts', `export {};\n${comment}\n`))).toEqual([
      expect.stringMatching(/a\.ts:2: a silenced check/u),
    ]);
  });
});
