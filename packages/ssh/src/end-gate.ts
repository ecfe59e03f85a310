const NOTHING = Buffer.alloc(0);

/**
 * Finds the end of a script in its output, where the transport itself cannot be trusted to tell it: the line `MARK STATUS`, which
 * no script can know. What stands before it is output, byte for byte; what follows comes from children left behind.
 */
export class EndGate {
  readonly #mark: Buffer;
  #held: Buffer = NOTHING;
  #status: number | undefined;

  /** `mark` as the frame has it; without one all is output. */
  constructor(mark: string | undefined) {
    this.#mark = mark === undefined ? NOTHING : Buffer.from(`${mark} `);
  }

  /** The script's exit status, once its end has come. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Takes a chunk and returns the output in it; what may be the beginning of the mark is held back. */
  push(chunk: Buffer): Buffer {
    if (this.#mark.length === 0 || this.#status !== undefined) {
      return this.#status === undefined ? chunk : NOTHING;
    }
    const all = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const start = all.indexOf(this.#mark);
    const end = start < 0 ? -1 : all.indexOf('\n', start);
    if (end >= 0) {
      this.#status = Number(all.toString('latin1', start + this.#mark.length, end));
      this.#held = NOTHING;
      return all.subarray(0, start);
    }
    const keep = start >= 0 ? start : this.#beginningOfMark(all);
    this.#held = all.subarray(keep);
    return all.subarray(0, keep);
  }

  /** Where the longest beginning of the mark starts with which `all` ends. */
  #beginningOfMark(all: Buffer): number {
    for (let at = Math.max(0, all.length - this.#mark.length + 1); at < all.length; at += 1) {
      if (this.#mark.subarray(0, all.length - at).equals(all.subarray(at))) {
        return at;
      }
    }
    return all.length;
  }
}
