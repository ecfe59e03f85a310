import type { ConsoleKind, ConsoleNotice, ConsoleViewer } from '@muster/api';
import { emptyScrollback, joined, left, nobodyAtConsole, type Pen, type Scrollback, shownMore, taken, typed } from '@muster/core';
import type { TerminalSize } from '@muster/ssh';
import type { ConsoleLine } from './console-backend.ts';

/** Somebody who watches, as the console sees him. None of these may throw or wait: one who is slow must not hold up the others. */
export type Watcher = ConsoleViewer & {
  readonly notice: (notice: ConsoleNotice) => void;
  readonly output: (bytes: Uint8Array) => void;
  /** He is shown nothing any more. */
  readonly end: (message: string) => void;
};

export type OpenConsoleParts = {
  readonly nodeName: string;
  readonly kind: ConsoleKind;
  /** How long it stays open when nobody watches: a page that is loaded anew is no reason to begin anew. */
  readonly lingerMs: number;
  /** Called once, when it is over, before `over` resolves. Never rejects. */
  readonly onOver: () => Promise<void>;
};

/** A console that is open: one line to the node, those who watch, and one of them who writes. */
export class OpenConsole {
  readonly nodeName: string;
  readonly kind: ConsoleKind;
  /** Resolves when it has ended and everything of it is given back. */
  readonly over: Promise<void>;
  readonly #parts: OpenConsoleParts;
  readonly #watchers = new Map<string, Watcher>();
  readonly #hasEnded: (over: Promise<void>) => void;
  #line: ConsoleLine | undefined;
  #pen: Pen = nobodyAtConsole;
  #shown: Scrollback = emptyScrollback;
  #lingering: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(parts: OpenConsoleParts) {
    this.#parts = parts;
    this.nodeName = parts.nodeName;
    this.kind = parts.kind;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#hasEnded = resolve;
  }

  /** The line it speaks through. One that has ended meanwhile is closed. */
  began(line: ConsoleLine): void {
    this.#line = line;
    if (this.#isOver) void line.close();
    else this.#lingerWhenAlone();
  }

  get viewers(): number {
    return this.#watchers.size;
  }

  /** The end of what was shown. */
  get shown(): Scrollback {
    return this.#shown;
  }

  /** Shows it to one more; false when it has ended. */
  join(watcher: Watcher, takes: boolean): boolean {
    if (this.#isOver) return false;
    clearTimeout(this.#lingering);
    this.#watchers.set(watcher.id, watcher);
    const { id, name, readOnly } = watcher;
    watcher.notice({ type: 'welcome', you: id, kind: this.kind, nodeName: this.nodeName });
    for (const piece of this.#shown.pieces) watcher.output(piece);
    this.#became(joined(this.#pen, { id, name, readOnly }, takes));
    return true;
  }

  leave(id: string): void {
    if (!this.#watchers.delete(id) || this.#isOver) return;
    this.#became(left(this.#pen, id));
    this.#lingerWhenAlone();
  }

  /** Takes the pen for somebody; a sentence when he may not have it. */
  take(id: string): string | undefined {
    return this.#answer(taken(this.#pen, id));
  }

  /** Whether what somebody types would be sent on: a sentence when not. A free pen is his then. */
  mayType(id: string): string | undefined {
    return this.#answer(typed(this.#pen, id));
  }

  /** Who has the pen. */
  get writer(): string | null {
    return this.#pen.writer;
  }

  /** Sends on what whoever has the pen has typed; nothing of anybody else. */
  write(id: string, bytes: Uint8Array): void {
    if (this.#pen.writer === id) this.#line?.write(bytes);
  }

  /** The size of the writer's window is the console's. */
  resize(id: string, size: TerminalSize): void {
    if (this.#pen.writer === id) this.#line?.resize(size);
  }

  /** Shows it to everybody. */
  output(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#shown = shownMore(this.#shown, bytes);
    for (const watcher of this.#watchers.values()) watcher.output(bytes);
  }

  /** Ends it for everybody. Idempotent. */
  end(message: string): Promise<void> {
    if (this.#isOver) return this.over;
    this.#isOver = true;
    clearTimeout(this.#lingering);
    for (const watcher of this.#watchers.values()) watcher.end(message);
    this.#watchers.clear();
    this.#hasEnded(this.#giveBack());
    return this.over;
  }

  async #giveBack(): Promise<void> {
    await this.#line?.close();
    await this.#parts.onOver();
  }

  #answer(answer: ReturnType<typeof typed>): string | undefined {
    if ('refusal' in answer) return answer.refusal;
    this.#became(answer.pen);
    return undefined;
  }

  #became(pen: Pen): void {
    if (pen === this.#pen) return;
    this.#pen = pen;
    for (const watcher of this.#watchers.values()) watcher.notice({ type: 'presence', ...pen });
  }

  #lingerWhenAlone(): void {
    clearTimeout(this.#lingering);
    if (this.#watchers.size === 0) this.#lingering = setTimeout(() => void this.end('Nobody watches any more.'), this.#parts.lingerMs);
  }
}
