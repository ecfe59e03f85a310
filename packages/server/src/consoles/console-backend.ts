import { type Node, problem, type ProblemError } from '@muster/api';
import type { TerminalSize } from '@muster/ssh';

/** Which console is wanted, and how. */
export type ConsolePlace = {
  readonly node: Node;
  readonly size: TerminalSize;
  /** End a session that another holds on the management controller. */
  readonly endOther: boolean;
};

export type ConsoleEvents = {
  readonly onOutput: (bytes: Uint8Array) => void;
  /** Once, when it has ended by itself; with why, in a sentence. Not after `close`. */
  readonly onEnd: (message: string) => void;
};

/** The one connection to a console, however many watch it. */
export type ConsoleLine = {
  write(bytes: Uint8Array): void;
  /** Nothing where the console has no size of its own, as a serial line. */
  resize(size: TerminalSize): void;
  /** Ends it, with every process that belongs to it. Idempotent; never rejects. */
  close(): Promise<void>;
};

/** A way to consoles of one kind. */
export type ConsoleBackend = {
  /** @throws ProblemError `node-unavailable` when there is none, with the node and what to do; nothing is left open then */
  open(place: ConsolePlace, events: ConsoleEvents, signal: AbortSignal): Promise<ConsoleLine>;
};

/** Why a console cannot be had, in a sentence that names the node. */
export const noConsole = (message: string, cause?: unknown): ProblemError =>
  problem('node-unavailable', message, undefined, cause === undefined ? undefined : { cause });
