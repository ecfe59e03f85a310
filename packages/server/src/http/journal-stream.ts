import type { ServerResponse } from 'node:http';
import type { JournalEnded, JournalLines } from '@muster/api';
import type { JournalViewer, OpenJournal } from '@muster/gateway';
import type { Log } from '@muster/core';

/** Somebody who wants to follow a journal. */
export type JournalVisitor = {
  /** Opens it. What it throws is his answer. */
  readonly open: (viewer: JournalViewer) => Promise<OpenJournal>;
  /** Whether he may go on reading; asked once a minute. An error is no answer. */
  readonly mayStay: () => Promise<boolean>;
  /** Opens the answer to him, once the journal is open. */
  readonly respond: () => ServerResponse;
};

/** A reader that has this much unread is dropped. */
const maxUnreadBytes = 1_000_000;

const usualTimes = { keepAliveMs: 15_000, recheckMs: 60_000 };

type Reader = { readonly response: ServerResponse; readonly mayStay: () => Promise<boolean>; readonly leave: () => void };

/**
 * Journals as server-sent events to everyone who follows one (WHATWG HTML, 9.2): lines as `JournalLines`, at last an event `end` with the
 * reason. Whoever leaves, does not read or may not read any more closes the journal on its node.
 */
export class JournalStreams {
  readonly #log: Log;
  readonly #times: typeof usualTimes;
  readonly #readers = new Set<Reader>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(log: Log, times: typeof usualTimes = usualTimes) {
    this.#log = log;
    this.#times = times;
  }

  start(): void {
    const { keepAliveMs, recheckMs } = this.#times;
    this.#timers.push(
      setInterval(() => this.#keepAlive(), keepAliveMs),
      setInterval(() => void this.#recheck(), recheckMs),
    );
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    for (const reader of [...this.#readers]) this.#say(reader, endOf('The server is going down.'), true);
  }

  /** @throws the error of opening the journal: nothing was sent yet */
  async follow({ open, mayStay, respond }: JournalVisitor): Promise<void> {
    // Lines may come before there is an answer to write them to.
    const early: { text: string; last: boolean }[] = [];
    const his: { reader?: Reader } = {};
    const say = (text: string, last: boolean) => {
      if (his.reader === undefined) early.push({ text, last });
      else this.#say(his.reader, text, last);
    };
    const opened = await open({
      onLines: (lines, dropped) => say(`data: ${JSON.stringify({ lines: [...lines], dropped } satisfies JournalLines)}\n\n`, false),
      onEnd: (reason) => say(endOf(reason), true),
    });
    const response = respond();
    const reader = { response, mayStay, leave: () => opened.close() };
    his.reader = reader;
    this.#begin(reader);
    for (const { text, last } of early) this.#say(reader, text, last);
  }

  #begin(reader: Reader): void {
    const { response, leave } = reader;
    this.#readers.add(reader);
    response.on('close', () => {
      this.#readers.delete(reader);
      leave();
    });
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    response.write(': here it comes\n\n');
    if (response.destroyed) leave();
  }

  #say({ response }: Reader, text: string, last: boolean): void {
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > maxUnreadBytes) {
      this.#log.info({}, 'somebody reads a journal too slowly and was dropped');
      response.destroy();
    } else if (last) response.end(text);
    else response.write(text);
  }

  #keepAlive(): void {
    for (const reader of this.#readers) this.#say(reader, ': still here\n\n', false);
  }

  /** A session that ended must not go on reading for as long as the connection lasts. */
  async #recheck(): Promise<void> {
    for (const reader of [...this.#readers]) {
      const mayStay = await reader.mayStay().catch(() => true);
      if (!mayStay) this.#say(reader, endOf('The session has ended.'), true);
    }
  }
}

const endOf = (reason: string): string => `event: end\ndata: ${JSON.stringify({ reason } satisfies JournalEnded)}\n\n`;
