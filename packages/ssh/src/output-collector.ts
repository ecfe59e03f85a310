/** Collects output up to a limit; the rest is read and dropped, so that the command is not held up. */
export class OutputCollector {
  readonly #limitBytes: number;
  readonly #keep: 'head' | 'tail';
  #chunks: Buffer[] = [];
  #sizeBytes = 0;
  #truncated = false;

  /** `head` keeps the first bytes (what a program reads), `tail` the last ones (where an error message ends). */
  constructor(limitBytes: number, keep: 'head' | 'tail') {
    this.#limitBytes = limitBytes;
    this.#keep = keep;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  push(chunk: Buffer): void {
    if (this.#keep === 'head') {
      this.#pushHead(chunk);
    } else {
      this.#pushTail(chunk);
    }
  }

  bytes(): Buffer {
    const all = Buffer.concat(this.#chunks);
    return this.#keep === 'tail' && all.length > this.#limitBytes ? all.subarray(all.length - this.#limitBytes) : all;
  }

  #pushHead(chunk: Buffer): void {
    const kept = chunk.subarray(0, this.#limitBytes - this.#sizeBytes);
    this.#truncated ||= kept.length < chunk.length;
    if (kept.length > 0) {
      this.#chunks.push(kept);
      this.#sizeBytes += kept.length;
    }
  }

  #pushTail(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    this.#truncated ||= this.#sizeBytes > this.#limitBytes;
    for (let first = this.#chunks[0]; first !== undefined && this.#sizeBytes - first.length >= this.#limitBytes; first = this.#chunks[0]) {
      this.#chunks.shift();
      this.#sizeBytes -= first.length;
    }
  }
}
