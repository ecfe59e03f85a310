import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runProgram } from '../test/run-program.ts';
import { testFolder } from '../test/test-folder.ts';
import { shellQuote, shellQuoteAll } from './index.ts';

test.each([
  ['plain', "'plain'"],
  ['', "''"],
  ["it's", String.raw`'it'\''s'`],
  ['$(id) `id` \\ "', "'$(id) `id` \\ \"'"],
])('%j becomes %s', (value, quoted) => {
  expect(shellQuote(value)).toBe(quoted);
});

test.each(['sh', 'bash'])('whatever the value, %s reads it back as one word', async (shell) => {
  const value = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed());
  const lists = fc.sample(fc.array(value, { maxLength: 8 }), { numRuns: 300, seed: 7 });
  const script = lists.map((words) => `printf '<%s>' ${shellQuoteAll(['', ...words])}; printf '\\n--\\n'`).join('\n');
  const file = join(await testFolder(), 'script');
  await writeFile(file, script);
  const output = await runProgram(shell, [file]);
  expect(output).toBe(lists.map((words) => `${['', ...words].map((word) => `<${word}>`).join('')}\n--\n`).join(''));
});

test('a NUL byte is refused', () => {
  expect(() => shellQuote('a\0b')).toThrow(RangeError);
});
