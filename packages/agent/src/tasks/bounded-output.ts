/** What is kept of a task's output, bytes. The wire's limit (`maxTaskOutputBytes`), which an agent cannot import: it comes with zod. */
export const keptOutputBytes = 262_144;
/** A result has to fit into one message, in which a control character takes six bytes. */
const maxJsonBytes = 900_000;

/** Gathers what a command prints, both streams as they come, up to a limit; counts the rest. */
export class BoundedOutput {
  readonly #chunks: Buffer[] = [];
  #kept = 0;
  #seen = 0;

  add(chunk: Buffer): void {
    this.#seen += chunk.length;
    const room = keptOutputBytes - this.#kept;
    if (room <= 0) return;
    // A copy: a part of a buffer would keep the whole of it.
    this.#chunks.push(chunk.length > room ? Buffer.from(chunk.subarray(0, room)) : chunk);
    this.#kept += Math.min(room, chunk.length);
  }

  /** Bytes that came, kept or not. */
  get seenBytes(): number {
    return this.#seen;
  }

  /** The beginning, as text that fits into a message. Bytes that are no UTF-8 become U+FFFD. */
  text(): { readonly output: string; readonly truncated: boolean } {
    const whole = Buffer.concat(this.#chunks).toString('utf8');
    const output = fitting(whole);
    return { output, truncated: this.#seen > this.#kept || output.length < whole.length };
  }
}

function fitting(text: string): string {
  let shown = text;
  for (let bytes = jsonBytes(shown); bytes > maxJsonBytes; bytes = jsonBytes(shown))
    shown = shown.slice(0, Math.floor((shown.length * maxJsonBytes) / bytes) - 1);
  return shown.toWellFormed();
}

const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));
