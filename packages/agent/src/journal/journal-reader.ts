import type { AgentMessage } from '@muster/api/agent';
import type { Cancel, Clock } from '../clock.ts';
import type { RunProgram } from '../run-program.ts';
import { EntryLines, readEntry, wantedFields } from './journal-entries.ts';
import { JournalQueue } from './journal-queue.ts';
import type { StreamedProgram, StreamProgram } from './stream-program.ts';

export type JournalReaderParts = {
  readonly clock: Clock;
  readonly stream: StreamProgram;
  readonly run: RunProgram;
  readonly send: (message: AgentMessage) => boolean;
  /** This machine's id in journals; undefined where it has none. */
  readonly machineId: () => Promise<string | undefined>;
  /** Whether the connection has sent what it was given before. */
  readonly hasRoom: () => boolean;
  /** Called once, when everything was said. */
  readonly onEnd: () => void;
};

export type JournalWish = { readonly id: string; readonly unit: string; readonly lines: number; readonly follow: boolean };

/** Two messages a second, so that several journals together stay well below what the server takes from one agent. */
const flushMs = 500;
const showLimits = { timeoutMs: 5000, maxOutputBytes: 1024 };
const maxReasonCharacters = 300;

/**
 * Reads one unit's journal by journalctl: first what was asked of the past, all of it and no faster than it can be sent; then, with
 * `follow`, what comes, of which lines are left out when it comes too fast. Never throws.
 */
export class JournalReader {
  readonly #parts: JournalReaderParts;
  readonly #wish: JournalWish;
  readonly #queue = new JournalQueue();
  #program: StreamedProgram | undefined;
  #cursor: string | undefined;
  #isFollowing = false;
  #isPaused = false;
  #flushedAtMs = Number.NEGATIVE_INFINITY;
  #cancelFlush: Cancel | undefined;
  #ended: string | undefined;
  #isStopped = false;

  constructor(parts: JournalReaderParts, wish: JournalWish) {
    this.#parts = parts;
    this.#wish = wish;
  }

  start(): void {
    if (this.#wish.lines === 0) void this.#pastIsOver();
    else this.#read([`--lines=${this.#wish.lines}`], () => void this.#pastIsOver());
  }

  /** Ends it without another word. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelFlush?.();
    this.#program?.stop();
  }

  /** What was asked of the past has been read. A unit without one may not be there at all. */
  async #pastIsOver(): Promise<void> {
    const { unit, follow } = this.#wish;
    if (this.#cursor === undefined && !(await this.#isKnown()))
      return this.#end(`there is no unit ${unit} on this node, nor a journal of it`);
    if (this.#isStopped) return;
    if (!follow) return this.#end('');
    this.#isFollowing = true;
    // From where the past ended, so that no line is lost or comes twice in between.
    const start = this.#cursor === undefined ? ['--lines=0'] : ['--no-tail', `--after-cursor=${this.#cursor}`];
    const own = await this.#ownEntries();
    if (!this.#isStopped) this.#read([...own, '--follow', ...start], () => this.#end('journalctl has ended'));
  }

  /**
   * Alone, `--follow` shows the entries of this boot only, and in a container the boot id that a sandboxed service sees is not the
   * journal's. With `--merge` there is no such limit, and the machine's id leaves out what others have sent here.
   */
  async #ownEntries(): Promise<readonly string[]> {
    const id = await this.#parts.machineId();
    return id === undefined ? [] : ['--merge', `_MACHINE_ID=${id}`];
  }

  #read(options: readonly string[], onSuccess: () => void): void {
    const lines = new EntryLines();
    const format = ['--output=json', `--output-fields=${wantedFields}`, '--no-pager', '--quiet'];
    this.#program = this.#parts.stream(['journalctl', `--unit=${this.#wish.unit}`, ...format, ...options], {
      onOutput: (chunk) => {
        for (const line of lines.push(chunk)) this.#take(line);
        this.#holdUp();
        this.#flushSoon();
      },
      onEnd: (failure) => (failure === undefined ? onSuccess() : this.#end(failure)),
    });
  }

  #take(line: string): void {
    const read = readEntry(line);
    if (read === undefined) return;
    this.#cursor = read.cursor ?? this.#cursor;
    this.#queue.push(read.entry);
  }

  /** The past is there to be read whole, so it waits; what comes does not. */
  #holdUp(): void {
    if (this.#isFollowing || !this.#queue.isHalfFull || this.#isPaused) return;
    this.#isPaused = true;
    this.#program?.pause();
  }

  #end(reason: string): void {
    if (this.#isStopped) return;
    this.#program?.stop();
    this.#ended = reason.slice(0, maxReasonCharacters);
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#cancelFlush !== undefined || this.#isStopped) return;
    const waitMs = Math.max(0, this.#flushedAtMs + flushMs - this.#parts.clock.monotonicMs());
    this.#cancelFlush = this.#parts.clock.after(waitMs, () => {
      this.#cancelFlush = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    const { clock, send, hasRoom, onEnd } = this.#parts;
    const { id } = this.#wish;
    this.#flushedAtMs = clock.monotonicMs();
    if (!this.#queue.isEmpty && hasRoom()) {
      const { lines, dropped } = this.#queue.take();
      send({ type: 'journal', id, lines: [...lines], dropped });
    }
    if (this.#isPaused && !this.#queue.isHalfFull) {
      this.#isPaused = false;
      this.#program?.resume();
    }
    if (!this.#queue.isEmpty) return this.#flushSoon();
    if (this.#ended === undefined) return;
    send({ type: 'journal-end', id, reason: this.#ended });
    this.#isStopped = true;
    onEnd();
  }

  async #isKnown(): Promise<boolean> {
    const { unit } = this.#wish;
    const result = await this.#parts.run(['systemctl', 'show', '--property=LoadState', '--value', '--', unit], showLimits);
    // Where systemd gives no answer the journal is still worth to be followed.
    return !(result.kind === 'done' && result.status === 0 && result.stdout.trim() === 'not-found');
  }
}
