/**
 * Quotes a value as one word of a POSIX shell script. This is the only way a value may get into a script that runs on a host.
 *
 * Single quotes take everything literally, so only the single quote itself needs care. A NUL byte cannot be part of any
 * shell word: it throws a `RangeError`.
 */
export function shellQuote(value: string): string {
  if (value.includes('\0')) {
    throw new RangeError('a shell word cannot contain a NUL byte');
  }
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** Quotes each word and joins them with blanks. */
export function shellQuoteAll(words: readonly string[]): string {
  return words.map(shellQuote).join(' ');
}
