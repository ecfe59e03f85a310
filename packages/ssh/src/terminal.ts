import type { SshError } from './ssh-error.ts';

/** Characters of a terminal. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Settings of {@link Connection.openTerminal}. */
export interface TerminalOptions extends TerminalSize {
  /** Called with whatever the terminal shows, from before it is open. */
  readonly onOutput: (bytes: Uint8Array) => void;
  /** Called once, when the program has ended or the connection was lost; `exitCode` is null where the host did not tell it. */
  readonly onEnd: (end: { readonly exitCode: number | null; readonly lost: SshError | undefined }) => void;
}

/** A program on the host with a terminal of its own. */
export interface Terminal {
  write(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  /** Hangs up: the host ends what runs in it. Idempotent. */
  close(): void;
}
