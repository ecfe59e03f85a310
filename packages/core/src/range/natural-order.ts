const ZERO = 0x30;
const isDigit = (code: number): boolean => code >= ZERO && code <= 0x39;
const lowerCase = (code: number): number => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code);

/**
 * Compares two names the way a person counts: n9 before n10, letters without regard to case. Names that are equal so far
 * (n1, n01) are told apart by their code units, so that the order is total and agrees with the store's `natural_sort_key`.
 */
export function compareNatural(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(j);
    if (isDigit(x) && isDigit(y)) {
      const [startA, startB] = [digitsStart(a, i), digitsStart(b, j)];
      [i, j] = [digitsEnd(a, startA), digitsEnd(b, startB)];
      const order = compareDigits(a, startA, i, b, startB, j);
      if (order !== 0) return order;
    } else {
      const order = lowerCase(x) - lowerCase(y);
      if (order !== 0) return order;
      i++;
      j++;
    }
  }
  return a.length - i - (b.length - j) || compareCodeUnits(a, b);
}

/** The names in natural order, each once. Costs one comparison a name when they are in order already. */
export function inNaturalOrder(names: readonly string[]): string[] {
  if (names.every((name, index) => index === 0 || compareNatural(names[index - 1] ?? '', name) < 0)) return [...names];
  return [...new Set(names)].sort(compareNatural);
}

/** Where the digits that count begin: leading zeros add nothing to a number. */
function digitsStart(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === ZERO) at++;
  return at;
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

function compareDigits(a: string, startA: number, endA: number, b: string, startB: number, endB: number): number {
  const longer = endA - startA - (endB - startB);
  if (longer !== 0) return longer;
  for (let i = startA, j = startB; i < endA; i++, j++) {
    const order = a.charCodeAt(i) - b.charCodeAt(j);
    if (order !== 0) return order;
  }
  return 0;
}

function compareCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
