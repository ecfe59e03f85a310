import { describe, expect, it } from 'vitest';
import { ansibleJsonText } from './ansible-json.ts';
import { PythonFloat, TaggedText } from './inventory-value.ts';

describe('ansibleJsonText', () => {
  it('sorts keys and indents as ansible-inventory does', () => {
    const value = new Map<string, never[] | Map<string, number> | number[]>([
      ['b', [1, 2]],
      [
        'a',
        new Map([
          ['z', 1],
          ['_', 2],
        ]),
      ],
      ['empty', []],
      ['none', new Map()],
    ]);
    expect(ansibleJsonText(value)).toBe(
      [
        '{',
        '    "a": {',
        '        "_": 2,',
        '        "z": 1',
        '    },',
        '    "b": [',
        '        1,',
        '        2',
        '    ],',
        '    "empty": [],',
        '    "none": {}',
        '}',
      ].join('\n'),
    );
  });

  it.each([
    ['é\n\u0001"', '"é\\n\\u0001\\""'],
    [12345678901234567890n, '12345678901234567890'],
    [new PythonFloat(1), '1.0'],
    [new PythonFloat(Infinity), '1e999'],
    [new PythonFloat(-Infinity), '-1e999'],
    [new PythonFloat(NaN), '"NaN"'],
    [null, 'null'],
    [true, 'true'],
    [new TaggedText('vault', 'x'), '{\n    "__ansible_vault": "x"\n}'],
    [new TaggedText('unsafe', 'x'), '{\n    "__ansible_unsafe": "x"\n}'],
  ])('writes %s', (value, json) => {
    expect(ansibleJsonText(value)).toBe(json);
  });

  it('keeps a key that means something to JavaScript', () => {
    const json = ansibleJsonText(
      new Map([
        ['__proto__', 1],
        ['constructor', 2],
      ]),
    );
    expect(Object.entries(JSON.parse(json) as object)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
  });
});
