import { nearest } from '../text/nearest.ts';

/** Edit distances cost much more than looking at both ends of a name, so only so many names are measured. */
const MOST_MEASURED = 300;
const LONGEST_WORD = 300;
/** Letters between the common beginning and the common end of a mistyped name and the name that was meant. */
const MOST_CHANGED = 3;

/** The known name that a mistyped one most likely means, or undefined. Quick also among 100,000 names. */
export function suggestName(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
  const few: string[] = [];
  const similar: string[] = [];
  for (const name of known) {
    if (few.length <= MOST_MEASURED) few.push(name);
    if (similar.length < MOST_MEASURED && isSimilar(word, name)) similar.push(name);
  }
  return nearest(word, few.length <= MOST_MEASURED ? few : similar);
}

function isSimilar(word: string, name: string): boolean {
  const shorter = Math.min(word.length, name.length);
  const longer = Math.max(word.length, name.length);
  if (longer - shorter > MOST_CHANGED) return false;
  let same = 0;
  while (same < shorter && word.charCodeAt(same) === name.charCodeAt(same)) same++;
  let sameEnd = 0;
  while (sameEnd < shorter - same && word.charCodeAt(word.length - 1 - sameEnd) === name.charCodeAt(name.length - 1 - sameEnd)) sameEnd++;
  return longer - same - sameEnd <= MOST_CHANGED;
}

/** `Did you mean node05?`, or what else to do when nothing is near. */
export function didYouMean(suggestion: string | undefined, otherwise: string): string {
  return suggestion === undefined ? otherwise : `Did you mean ${suggestion}?`;
}
