/** The words of a command, or what is wrong with its text. */
export type CommandWords = { readonly ok: true; readonly words: readonly string[] } | { readonly ok: false; readonly fault: string };

/** How far a command was read: the words that have ended, the one begun, the quotation mark that is open. */
type Reading = { readonly words: string[]; word: string | undefined; quote: string };

function addToWord(reading: Reading, text: string): void {
  reading.word = (reading.word ?? '') + text;
}

function endWord(reading: Reading): void {
  if (reading.word !== undefined) reading.words.push(reading.word);
  reading.word = undefined;
}

/** Takes a character that no backslash stands before. */
function take(reading: Reading, character: string): void {
  if (character === reading.quote) reading.quote = '';
  else if (reading.quote !== '') addToWord(reading, character);
  else if (character === '"' || character === "'") {
    reading.quote = character;
    addToWord(reading, '');
  } else if (/\s/u.test(character)) endWord(reading);
  else addToWord(reading, character);
}

/**
 * Splits a command into its words: blanks part them, quotation marks of both kinds hold them together, a backslash takes the next
 * character as it is (not within single quotes). Nothing else has a meaning, because no shell will see it: `*`, `$`, `|` and `;` are letters.
 */
export function commandWords(text: string): CommandWords {
  const reading: Reading = { words: [], word: undefined, quote: '' };
  for (let at = 0; at < text.length; at += 1) {
    if (text.charAt(at) === '\\' && reading.quote !== "'") {
      at += 1;
      if (at >= text.length) return { ok: false, fault: 'The backslash at the end stands before nothing.' };
      addToWord(reading, text.charAt(at));
    } else take(reading, text.charAt(at));
  }
  if (reading.quote !== '') return { ok: false, fault: `A ${reading.quote} is opened and not closed.` };
  endWord(reading);
  return reading.words.length === 0 ? { ok: false, fault: 'Enter a command.' } : { ok: true, words: reading.words };
}
