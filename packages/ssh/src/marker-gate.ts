const MAX_NOISE_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * Parts a script's output from what the login printed before it (.bashrc, motd, sudo's lecture). Everything up to the line
 * `MARKER PID` is noise; everything after it is output, byte for byte.
 */
export class MarkerGate {
  readonly #marker: Buffer;
  #noise: Buffer = NOTHING;
  #pid: number | undefined;

  constructor(marker: string) {
    this.#marker = Buffer.from(`${marker} `);
  }

  /** Process id of the script's shell, once its marker has come. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Takes a chunk and returns the output in it. */
  push(chunk: Buffer): Buffer {
    if (this.#pid !== undefined) {
      return chunk;
    }
    this.#noise = Buffer.concat([this.#noise, chunk]);
    const start = this.#noise.indexOf(this.#marker);
    const end = start < 0 ? -1 : this.#noise.indexOf('\n', start);
    if (end < 0) {
      this.#noise = this.#noise.subarray(-MAX_NOISE_BYTES);
      return NOTHING;
    }
    this.#pid = Number(this.#noise.toString('latin1', start + this.#marker.length, end));
    const output = this.#noise.subarray(end + 1);
    this.#noise = this.#noise.subarray(0, start);
    return output;
  }

  /** Removes the noise up to the first `mark` in it; false when it has not come. */
  cut(mark: string): boolean {
    const at = this.#noise.indexOf(mark);
    if (at >= 0) {
      this.#noise = this.#noise.subarray(at + Buffer.byteLength(mark));
    }
    return at >= 0;
  }

  /** What came before the marker, at most its last 64 KiB. */
  get noise(): string {
    return this.#noise.toString('utf8');
  }
}
