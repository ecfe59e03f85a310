/** What a person asks of the command itself, by `~` and a letter at the start of a line, as with ssh. */
export type EscapeWord = 'leave' | 'help' | 'take';
export type EscapeState = { readonly atLineStart: boolean; readonly hasTilde: boolean };
/** What is sent on of what was typed, and what was asked for, in its order; nothing after `leave` is sent. */
export type Typed = { readonly bytes: Buffer; readonly words: readonly EscapeWord[]; readonly state: EscapeState };

export const atTheStart: EscapeState = { atLineStart: true, hasTilde: false };

export const escapeHelp = [
  'Supported escape sequences:',
  ' ~.  - leave the console',
  ' ~t  - take the pen over, to write',
  ' ~?  - this message',
  ' ~~  - send the escape character',
  '(Escapes are recognised at the start of a line only.)',
  '',
].join('\r\n');

const words: Readonly<Record<string, EscapeWord>> = { '.': 'leave', '?': 'help', t: 'take' };

/** Reads what was typed. Pure. */
export function readTyped(input: Uint8Array, before: EscapeState): Typed {
  const out: number[] = [];
  const asked: EscapeWord[] = [];
  let { atLineStart, hasTilde } = before;
  for (const byte of input) {
    const character = String.fromCharCode(byte);
    if (hasTilde) {
      hasTilde = false;
      const word = words[character];
      if (word !== undefined) asked.push(word);
      if (word === 'leave') return { bytes: Buffer.from(out), words: asked, state: atTheStart };
      if (word !== undefined) continue;
      out.push(0x7e);
      atLineStart = false;
      if (character === '~') continue;
    } else if (atLineStart && character === '~') {
      hasTilde = true;
      continue;
    }
    out.push(byte);
    atLineStart = character === '\r' || character === '\n';
  }
  return { bytes: Buffer.from(out), words: asked, state: { atLineStart, hasTilde } };
}
