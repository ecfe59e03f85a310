import type { JournalEntry } from './journal-entries.ts';

/** What goes into one message. */
const batch = { lines: 500, bytes: 131_072 };
/** What may wait to be sent. */
const most = { lines: 2000, bytes: 524_288 };

/** A place where lines were left out. */
type Gap = { dropped: number };

const isGap = (item: JournalEntry | Gap | undefined): item is Gap => item !== undefined && 'dropped' in item;
const bytesOf = ({ text }: JournalEntry): number => Buffer.byteLength(text) + 64;

/** The lines of one message, and how many were left out before them. */
export type Batch = { readonly lines: readonly JournalEntry[]; readonly dropped: number };

/** Lines on their way to the server, at most so many; what comes beyond is counted and let go. */
export class JournalQueue {
  readonly #items: (JournalEntry | Gap)[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Whoever can wait should, so that there is room for what is on its way. */
  get isHalfFull(): boolean {
    return this.#isFilled(0.5);
  }

  /** Takes a line in, or counts it where there is no room. */
  push(entry: JournalEntry): void {
    const last = this.#items.at(-1);
    if (!this.#isFilled(1)) {
      this.#items.push(entry);
      this.#bytes += bytesOf(entry);
    } else if (isGap(last)) last.dropped += 1;
    else this.#items.push({ dropped: 1 });
  }

  /** What is to be said next. */
  take(): Batch {
    const [first] = this.#items;
    if (isGap(first)) this.#items.shift();
    const lines: JournalEntry[] = [];
    let bytes = 0;
    for (let next = this.#items[0]; next !== undefined && !isGap(next); next = this.#items[0]) {
      if (lines.length === batch.lines || (lines.length > 0 && bytes + bytesOf(next) > batch.bytes)) break;
      bytes += bytesOf(next);
      lines.push(next);
      this.#items.shift();
    }
    this.#bytes -= bytes;
    return { lines, dropped: isGap(first) ? first.dropped : 0 };
  }

  #isFilled(share: number): boolean {
    return this.#items.length >= share * most.lines || this.#bytes >= share * most.bytes;
  }
}
