/**
 * Whatever a node says of itself is shown, never obeyed: control characters, with which a text could move a terminal's cursor,
 * and format characters, which turn its direction, are made visible.
 */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');

/** The same for a text of several lines, as one line. */
export const oneLine = (text: string): string =>
  printable(
    text
      .split(/\r?\n/u)
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join(' | '),
  );
