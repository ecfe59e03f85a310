/** A string or bytes token of a Python literal. */
export interface StringToken {
  readonly kind: "string";
  /** The text, or for bytes one character (U+0000 to U+00FF) a byte. */
  readonly text: string;
  readonly isBytes: boolean;
  /** Where the token ends. */
  readonly end: number;
}

/** Thrown for `\N{NAME}`: it needs the table of character names, which is not carried. */
export class NamedCharacterError extends Error {
  override readonly name = "NamedCharacterError";
}

const OPENING = /([uU]|[bB][rR]?|[rR][bB]?|)('''|"""|'|")/y;

/**
 * Reads a string literal at `start`: undefined when none starts there, "malformed" when one
 * does and Python would not take it.
 */
export function readStringToken(
  source: string,
  start: number,
): StringToken | "malformed" | undefined {
  OPENING.lastIndex = start;
  const match = OPENING.exec(source);
  if (match === null) return undefined;
  const prefix = (match[1] ?? "").toLowerCase();
  const quote = match[2] ?? "";
  const bodyStart = start + match[0].length;
  const bodyEnd = closingQuote(source, bodyStart, quote);
  if (bodyEnd === undefined) return "malformed";
  const body = source.slice(bodyStart, bodyEnd);
  const isBytes = prefix.includes("b");
  if (isBytes && /[^\x00-\x7f]/u.test(body)) return "malformed";
  const text = prefix.includes("r") ? body : resolveEscapes(body, isBytes);
  if (text === undefined) return "malformed";
  return { kind: "string", text, isBytes, end: bodyEnd + quote.length };
}

function closingQuote(source: string, start: number, quote: string): number | undefined {
  let position = start;
  while (position < source.length) {
    if (source.startsWith(quote, position)) return position;
    position += source.charAt(position) === "\\" ? 2 : 1;
  }
  return undefined;
}

const ESCAPE =
  /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(N\{[^}]+\})|([\s\S]))/gu;

const SINGLE = new Map([
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

const HIGHEST_CODE_POINT = 0x10ffff;

/** Resolves backslash escapes; undefined for one that is a syntax error in Python. */
function resolveEscapes(body: string, isBytes: boolean): string | undefined {
  let isMalformed = false;
  const text = body.replaceAll(ESCAPE, (whole: string, ...groups: (string | undefined)[]) => {
    const [octal, hex, short, long, named, single] = groups;
    const digits = hex ?? (isBytes ? undefined : (short ?? long));
    if (octal !== undefined) return octalCharacter(octal, isBytes);
    if (digits !== undefined) {
      const code = Number.parseInt(digits, 16);
      if (code <= HIGHEST_CODE_POINT) return String.fromCodePoint(code);
      isMalformed = true;
    }
    if (named !== undefined && !isBytes) throw new NamedCharacterError(whole);
    if (single === "x" || (!isBytes && /^[uUN]$/u.test(single ?? ""))) isMalformed = true;
    // An escape Python does not know keeps its backslash.
    return SINGLE.get(single ?? "") ?? whole;
  });
  return isMalformed ? undefined : text;
}

function octalCharacter(digits: string, isBytes: boolean): string {
  const code = Number.parseInt(digits, 8);
  return String.fromCharCode(isBytes ? code & 0xff : code);
}
