/**
 * Parts a text into words as a POSIX shell does, without expanding anything: blanks part, quotes and backslashes keep together.
 * Undefined when a quote is not closed. Ansible reads its SSH arguments the same way.
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let rest = text;
  while (rest !== '') {
    const piece = PIECE.exec(rest);
    if (piece === null) {
      return undefined;
    }
    rest = rest.slice(piece[0].length);
    if (piece.groups?.['blank'] !== undefined) {
      words.push(...(word === undefined ? [] : [word]));
      word = undefined;
    } else {
      word = (word ?? '') + contentOf(piece.groups ?? {});
    }
  }
  return [...words, ...(word === undefined ? [] : [word])];
}

const PIECE = /^(?:(?<blank>\s+)|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\[^])*)"|\\(?<escaped>[^])|(?<plain>[^\s'"\\]+))/u;

function contentOf({ single, double, escaped, plain }: Readonly<Record<string, string | undefined>>): string {
  return single ?? double?.replaceAll(/\\(["\\$`])/gu, '$1') ?? escaped ?? plain ?? '';
}
