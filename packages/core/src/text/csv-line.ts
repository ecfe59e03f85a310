/**
 * One line of a CSV file (RFC 4180), without its end. A text that a spreadsheet would take for a formula is shown as text: what nodes
 * and people wrote must not be run by whoever opens the file.
 */
export const csvLine = (cells: readonly (string | number | null)[]): string => cells.map(csvCell).join(',');

function csvCell(cell: string | number | null): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = harmless(cell);
  return /[",\r\n]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What begins a formula in one table calculation or another, after blanks too; the wide signs are read as the narrow ones. */
const formula = /^[\s\p{Cc}]*[=+\-@＝＋－＠|%]|^[\t\r\n]/u;

/** Line breaks may stay in quotation marks; other control characters are made visible. */
function harmless(text: string): string {
  const shown = text.replaceAll(/[^\P{Cc}\n\r\t]/gu, '\u{FFFD}');
  return formula.test(shown) ? `'${shown}` : shown;
}
