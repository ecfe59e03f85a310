import { describe, expect, it } from 'vitest';
import { atTheStart, readTyped } from './escapes.ts';

/** What came of pieces of input, one after the other. */
function typed(...pieces: readonly string[]) {
  let state = atTheStart;
  let sent = '';
  const words: string[] = [];
  for (const piece of pieces) {
    const read = readTyped(Buffer.from(piece), state);
    state = read.state;
    sent += read.bytes.toString();
    words.push(...read.words);
  }
  return [sent, words];
}

describe('what is typed at a console', () => {
  it.each<[string[], string, string[]]>([
    [['ls\r'], 'ls\r', []],
    [['~.'], '', ['leave']],
    [['ls\r~.rest'], 'ls\r', ['leave']],
    [['ls\r', '~', '.'], 'ls\r', ['leave']],
    [['ls ~.'], 'ls ~.', []],
    [['~~.'], '~.', []],
    [['~~\r~.'], '~\r', ['leave']],
    [['~?x'], 'x', ['help']],
    [['~t~t'], '', ['take', 'take']],
    [['~x~.'], '~x~.', []],
    [['~', '\r', '~.'], '~\r', ['leave']],
    [['é\r'], 'é\r', []],
  ])('%j sends %j and asks for %j', (pieces, sent, words) => expect(typed(...pieces)).toEqual([sent, words]));
});
