import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonText, storableText } from './json-text.ts';

it('leaves ordinary text as it is and replaces what PostgreSQL has no place for', () => {
  expect(storableText('naïve 日本 🖥 \\u0000')).toBe('naïve 日本 🖥 \\u0000');
  expect(storableText('a\u0000b')).toBe('a\uFFFDb');
  expect(storableText('\uD83D alone, \uDDA5')).toBe('\uFFFD alone, \uFFFD');
});

it('reaches every member, and changes no value that is storable', () => {
  expect(jsonText({ list: ['\u0000', 1, null, true], deep: { text: '\uDC00' } })).toBe(
    '{"list":["\uFFFD",1,null,true],"deep":{"text":"\uFFFD"}}',
  );
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: true }), (value) => {
      if (!JSON.stringify(value).includes('\\u0000')) expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
