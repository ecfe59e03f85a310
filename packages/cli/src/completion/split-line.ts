/**
 * The words of a command line that is still being typed, as a shell would take them: blanks part them, quotation marks and backslashes keep
 * them together. A quotation mark may still be open; the last word is the one being typed, and may be empty.
 */
export function splitLine(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === '\\' && quote !== "'") word += line.charAt((at += 1));
    else if (quote !== '') [quote, word] = char === quote ? ['', word] : [quote, word + char];
    else if (char === '"' || char === "'") quote = char;
    else if (/\s/u.test(char)) {
      if (at > 0 && !/\s/u.test(line.charAt(at - 1))) words.push(word);
      word = '';
    } else word += char;
  }
  return [...words, word];
}
