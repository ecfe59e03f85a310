import { describe, expect, it } from 'vitest';
import { PythonFloat, TaggedText } from './inventory-value.ts';
import { pythonTextOf } from './python-repr.ts';

describe('pythonTextOf', () => {
  it.each([
    ["it's", "it's"],
    [null, 'None'],
    [true, 'True'],
    [new PythonFloat(1), '1.0'],
    [["it's", 'a"b', `'"`, 'x'], `["it's", 'a"b', '\\'"', 'x']`],
    [
      ['\\', '\n\r\t', '\0', '\u00e9', '\u00a0', '\u200b', '\u{e0001}'],
      String.raw`['\\', '\n\r\t', '\x00', 'é', '\xa0', '\u200b', '\U000e0001']`,
    ],
    [new Map([['a', [new PythonFloat(0.5), false, 10n ** 20n]]]), "{'a': [0.5, False, 100000000000000000000]}"],
    [[], '[]'],
    [new Map(), '{}'],
    [new TaggedText('unsafe', '{{ x }}'), '{{ x }}'],
    [[new TaggedText('unsafe', '{{ x }}')], "['{{ x }}']"],
    [new TaggedText('vault', '$ANSIBLE_VAULT'), '(encrypted with ansible-vault)'],
  ])('writes %j', (value, text) => expect(pythonTextOf(value)).toBe(text));
});
