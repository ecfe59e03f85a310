import { closeSync, copyFileSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

const largestBytes = 16 * 1024 * 1024;
const tailBytes = 8192;

/** The file into which PostgreSQL writes what it has to say. */
export class ServerLog {
  readonly path: string;
  readonly #file: number;

  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, 'a+', 0o600);
  }

  /** For the server's standard output and error. It appends, so the file may be emptied under it. */
  get descriptor(): number {
    return this.#file;
  }

  get sizeBytes(): number {
    return fstatSync(this.#file).size;
  }

  /** Keeps the file and one earlier one, each at most some 16 MB. */
  trim(): void {
    if (this.sizeBytes < largestBytes) return;
    copyFileSync(this.path, `${this.path}.1`);
    ftruncateSync(this.#file);
  }

  /** The last lines after a position, at most `lines` of them. */
  tail(fromBytes: number, lines: number): string {
    const size = this.sizeBytes;
    const start = Math.max(fromBytes <= size ? fromBytes : 0, size - tailBytes);
    const buffer = Buffer.alloc(size - start);
    readSync(this.#file, buffer, 0, buffer.length, start);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  close(): void {
    closeSync(this.#file);
  }
}
