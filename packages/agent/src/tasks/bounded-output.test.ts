import { maxMessageBytes } from '@muster/api/agent';
import { describe, expect, it } from 'vitest';
import { BoundedOutput, keptOutputBytes } from './bounded-output.ts';

const gathered = (...chunks: readonly (string | Buffer)[]) => {
  const output = new BoundedOutput();
  for (const chunk of chunks) output.add(Buffer.from(chunk));
  return { ...output.text(), seenBytes: output.seenBytes };
};

describe('the output of a task', () => {
  it('is kept as it came', () => {
    expect(gathered('one\n', 'two\n')).toEqual({ output: 'one\ntwo\n', truncated: false, seenBytes: 8 });
    expect(gathered()).toEqual({ output: '', truncated: false, seenBytes: 0 });
  });

  it('is kept from its beginning up to the limit, and says that there was more', () => {
    expect(gathered('a'.repeat(keptOutputBytes)).truncated).toBe(false);
    const { output, truncated, seenBytes } = gathered('a'.repeat(keptOutputBytes - 1), 'bcd', 'e');
    expect([output.length, output.at(-1), truncated, seenBytes]).toEqual([keptOutputBytes, 'b', true, keptOutputBytes + 3]);
  });

  it.each([
    ['control characters', '\u0001'],
    ['bytes that are no text', Buffer.from([0xff])],
    ['quotation marks', '"'],
    ['characters of four bytes', '🦊'],
  ])('fits into a message also when it is all %s', (_what, unit) => {
    const { output } = gathered(Buffer.concat(Array.from({ length: keptOutputBytes }, () => Buffer.from(unit))));
    expect(Buffer.byteLength(JSON.stringify({ type: 'task-result', output }))).toBeLessThan(maxMessageBytes);
    expect([output.isWellFormed(), output.length > 100_000]).toEqual([true, true]);
  });

  it('that is cut within a character stays text', () => {
    const { output } = gathered('a'.repeat(keptOutputBytes - 1), 'ü');
    expect(output.at(-1)).toBe('\uFFFD');
  });
});
