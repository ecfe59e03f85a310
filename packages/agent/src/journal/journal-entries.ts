/** A line to be shown, with the moment the journal gives it. */
export type JournalEntry = { readonly at: string | null; readonly text: string };

/** What was read of a journal's entry: how to go on after it, and the line, when there is one to show. */
export type ReadEntry = { readonly cursor: string | undefined; readonly entry: JournalEntry };

/** The fields that are asked for; the cursor and the time come with every entry. */
export const wantedFields = 'MESSAGE,SYSLOG_IDENTIFIER,_PID';

/** The protocol takes 8192. */
const maxTextCharacters = 8000;
/** A line of output that is longer holds no entry that journalctl would print: longer fields come as null. */
const maxLineBytes = 131_072;
/** The last moment that ISO 8601 writes with four digits of a year. */
const lastMilliseconds = 253_402_300_799_999;

/** Parts the output of `journalctl --output=json` into lines, whichever way it comes in pieces; a line beyond all measure is left out. */
export class EntryLines {
  #rest: Buffer[] = [];
  #restBytes = 0;

  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, at));
      if (this.#restBytes <= maxLineBytes) lines.push(Buffer.concat(this.#rest).toString('utf8'));
      this.#rest = [];
      this.#restBytes = 0;
      start = at + 1;
    }
    this.#keep(chunk.subarray(start));
    return lines;
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#restBytes += piece.length;
    if (this.#restBytes <= maxLineBytes) this.#rest.push(piece);
  }
}

/** Reads one line of `journalctl --output=json`; undefined for anything else. */
export function readEntry(line: string): ReadEntry | undefined {
  const fields = readFields(line);
  if (fields === undefined) return undefined;
  const { __CURSOR: cursor, __REALTIME_TIMESTAMP: microseconds, MESSAGE: message, SYSLOG_IDENTIFIER: identifier, _PID: pid } = fields;
  const who = `${textOf(identifier)}${textOf(pid) === '' ? '' : `[${textOf(pid)}]`}`;
  // journalctl leaves out what is longer than 4096 bytes.
  const said = message === null ? '(a message of more than 4096 bytes, not shown)' : textOf(message);
  const text = who === '' ? said : `${who}: ${said}`;
  return {
    cursor: typeof cursor === 'string' && cursor !== '' ? cursor : undefined,
    entry: { at: momentOf(microseconds), text: text.length <= maxTextCharacters ? text : `${text.slice(0, maxTextCharacters)}…` },
  };
}

type Fields = Readonly<Partial<Record<'__CURSOR' | '__REALTIME_TIMESTAMP' | 'MESSAGE' | 'SYSLOG_IDENTIFIER' | '_PID', unknown>>>;

function readFields(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Text that is not UTF-8 comes as a list of bytes; a field that an entry has several times as a list of its values. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  if (value.every((one) => typeof one === 'number')) return Buffer.from(value).toString('utf8');
  return value.map(textOf).join(' ');
}

function momentOf(microseconds: unknown): string | null {
  const value = typeof microseconds === 'string' && /^\d{1,18}$/u.test(microseconds) ? Number(microseconds) : Number.NaN;
  return value / 1000 <= lastMilliseconds ? new Date(value / 1000).toISOString() : null;
}
