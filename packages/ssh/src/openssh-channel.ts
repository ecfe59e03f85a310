import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { CommandChannel, OutputStream } from './link.ts';

/** What `ssh` ends with when the session did not come to a told end: lost, refused, or ended by a signal. */
const NOT_TOLD = 255;

const REFUSED = 'mux_client_request_session: session request failed';

/** A command carried by an `ssh` process of its own. */
export class OpenSshChannel implements CommandChannel {
  readonly stderr: OutputStream;
  readonly #child: ChildProcessWithoutNullStreams;
  #firstWords = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.stderr = child.stderr;
    // A command may end before it has read its input.
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => {
      this.#firstWords = (this.#firstWords + chunk.toString('latin1', 0, REFUSED.length)).slice(0, REFUSED.length);
    });
  }

  /** The host did not take a session more, so nothing ran. A script could not say so: its marker stands before all it says. */
  get isRefused(): boolean {
    return this.#firstWords === REFUSED;
  }

  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number | null, signal?: string) => void): unknown;
  on(event: string, listener: (...values: never[]) => void): unknown {
    const take = listener as (...values: unknown[]) => void;
    if (event === 'data' || event === 'end') {
      return this.#child.stdout.on(event, take);
    }
    if (event === 'exit') {
      // An end that only this side knows is none: without it the run counts as lost, never as a success.
      return this.#child.on('exit', (code) => (code === null || code === NOT_TOLD ? undefined : take(code)));
    }
    return this.#child.on(event, () => take());
  }

  once(_event: 'drain', listener: () => void): unknown {
    return this.#child.stdin.once('drain', listener);
  }

  write(data: string | Uint8Array): boolean {
    return this.#child.stdin.write(data);
  }

  end(): void {
    this.#child.stdin.end();
  }

  pause(): void {
    this.#child.stdout.pause();
  }

  resume(): void {
    this.#child.stdout.resume();
  }

  close(): void {
    this.#child.stdin.destroy();
    this.#child.kill();
  }
}
