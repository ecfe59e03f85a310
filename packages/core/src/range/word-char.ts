const wordSigns = new Set([...'._-'].map((sign) => sign.charCodeAt(0)));

/**
 * Whether a character can stand in a name or group that is written plainly: letters, digits, `.` `_` `-`, and everything
 * beyond ASCII but blanks. Everything else has a meaning in a range, or might get one.
 */
export function isWordChar(code: number): boolean {
  if (code >= 0x80) return !/\s/.test(String.fromCharCode(code));
  return isAlphanumeric(code) || wordSigns.has(code);
}

const isAlphanumeric = (code: number): boolean => {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39);
};

/** Whether a whole text is read back as one name: not empty, no hyphen in front, and not the word for all nodes. */
export function isPlainWord(text: string): boolean {
  if (text === '' || text === 'all' || text.startsWith('-')) return false;
  for (let at = 0; at < text.length; at++) {
    if (!isWordChar(text.charCodeAt(at))) return false;
  }
  return true;
}
