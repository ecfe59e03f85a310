import { randomUUID } from 'node:crypto';
import {
  type ConsoleNotice,
  ConsoleWish,
  maxConsoleMessageBytes,
  type Node,
  type OpenConsole as OpenOne,
  ProblemError,
  type Session,
} from '@muster/api';
import type { Log } from '@muster/core';
import type { WebSocket } from 'ws';
import type { NoteConsole } from './console-audit.ts';
import { ConsoleElsewhere, type ConsoleHub, type Visit } from './console-hub.ts';
import type { ReachedConsole } from './consoles-elsewhere.ts';
import type { OpenConsole, Watcher } from './open-console.ts';

export type ConsoleVisitorParts = {
  readonly hub: Pick<ConsoleHub, 'visit'>;
  readonly session: Session;
  readonly visit: Visit;
  readonly readOnly: boolean;
  readonly note: NoteConsole;
  /** Whether he may go on; asked once a minute. An error is no answer. */
  readonly mayStay: () => Promise<boolean>;
  /** How he is led to the server that holds the console, where another one does. Without it he is told which one that is. */
  readonly leadOn?: {
    /** Undefined where no other holds it, or that one cannot be reached. `known`: who holds it, where that is known. */
    readonly reach: (known?: OpenOne) => Promise<ReachedConsole | undefined>;
    /** Takes his connection over. */
    readonly join: (near: WebSocket, reached: ReachedConsole) => void;
  };
  readonly log: Log;
  readonly times?: typeof usualTimes;
};

const usualTimes = { pingMs: 10_000, recheckMs: 60_000 };
/** Beyond this much unread he is shown no more until he has read half of it. */
const maxUnreadBytes = 1_000_000;
/** What may wait to be sent on, as while the database is slow to write the line of the audit log. */
const maxUnsentBytes = 4 * maxConsoleMessageBytes;
/** WebSocket close codes (RFC 6455, 7.4.1). */
const closeCodes = { done: 1000, tooMuch: 1008 };

/** Somebody at a console by a WebSocket: he is shown it, and what he types is sent on while he has the pen. */
export class ConsoleVisitor {
  readonly #socket: WebSocket;
  readonly #parts: ConsoleVisitorParts;
  readonly #id = randomUUID();
  readonly #timers: NodeJS.Timeout[] = [];
  #console: OpenConsole | undefined;
  #isGone = false;
  #answered = true;
  #leftOut = 0;
  #unsent = 0;
  /** Whether it stands in the audit log that he writes, since he last got the pen. */
  #isNoted = false;
  #work: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, parts: ConsoleVisitorParts) {
    this.#socket = socket;
    this.#parts = parts;
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#received(data, isBinary));
    socket.on('pong', () => {
      this.#answered = true;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#left());
  }

  /** Brings him to the console. Whatever stands in the way is told him. */
  async arrive(): Promise<void> {
    const { hub, visit, session, readOnly, note, times = usualTimes } = this.#parts;
    const watcher: Watcher = {
      id: this.#id,
      name: session.email ?? session.name,
      readOnly,
      notice: (notice) => this.#notice(notice),
      output: (bytes) => this.#output(bytes),
      end: (message) => this.#end(message),
    };
    this.#timers.push(
      setInterval(() => this.#ping(), times.pingMs),
      setInterval(() => void this.#recheck(), times.recheckMs),
    );
    try {
      if (await this.#ledOn()) return;
      await note('openConsole', { readOnly, take: visit.takes, endOther: visit.endOther });
      this.#console = await hub.visit(visit, watcher);
      if (this.#isGone) this.#console.leave(this.#id);
    } catch (error) {
      if (error instanceof ConsoleElsewhere) return this.#elsewhere(error);
      if (!(error instanceof ProblemError))
        this.#parts.log.warn({ node: visit.node.name, error: String(error) }, 'a console could not be opened');
      this.#end(error instanceof ProblemError ? error.message : 'The console could not be opened; the log of the server says why.');
    }
  }

  /** Another one has opened it just now, or could not be reached before either. */
  async #elsewhere({ message, open }: ConsoleElsewhere): Promise<void> {
    if (!(await this.#ledOn(open).catch(() => false))) this.#end(message, open.serverUrl);
  }

  /** Whether he is with another server now, and has left this visit. */
  async #ledOn(known?: OpenOne): Promise<boolean> {
    const { leadOn } = this.#parts;
    if (leadOn === undefined) return false;
    // What he types meanwhile is for whoever he comes to.
    this.#socket.pause();
    const reached = await leadOn.reach(known).finally(() => this.#socket.resume());
    if (reached === undefined) return false;
    this.#isGone = true;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.#socket.removeAllListeners();
    leadOn.join(this.#socket, reached);
    return true;
  }

  #received(data: Buffer, isBinary: boolean): void {
    this.#unsent += data.length;
    if (this.#unsent > maxUnsentBytes) return this.#socket.close(closeCodes.tooMuch, 'too much at once');
    // One after the other: what is typed must arrive in its order.
    this.#work = this.#work
      .then(() => (isBinary ? this.#typed(data) : this.#wished(data.toString('utf8'))))
      .catch(() =>
        this.#notice({ type: 'refused', message: 'It could not be written down who writes, so nothing was sent: the database is away.' }),
      )
      .finally(() => {
        this.#unsent -= data.length;
      });
  }

  async #typed(bytes: Buffer): Promise<void> {
    const console = this.#console;
    if (console === undefined || this.#isGone) return;
    const refusal = console.mayType(this.#id);
    if (refusal !== undefined) return this.#notice({ type: 'refused', message: refusal });
    if (!this.#isNoted) {
      await this.#parts.note('writeConsole');
      this.#isNoted = true;
    }
    console.write(this.#id, bytes);
  }

  async #wished(text: string): Promise<void> {
    const wish = ConsoleWish.safeParse(parsed(text)).data;
    const console = this.#console;
    if (wish === undefined) return this.#socket.close(closeCodes.tooMuch, 'message not understood');
    if (console === undefined || this.#isGone) return;
    if (wish.type === 'resize') return console.resize(this.#id, wish);
    const before = console.writer;
    const refusal = console.take(this.#id);
    if (refusal !== undefined) return this.#notice({ type: 'refused', message: refusal });
    if (before !== null && before !== this.#id) await this.#parts.note('takeConsole');
  }

  #notice(notice: ConsoleNotice): void {
    if (notice.type === 'presence' && notice.writer !== this.#id) this.#isNoted = false;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(notice));
  }

  /** Never waits: what one does not read is left out for him, and the others see it. */
  #output(bytes: Uint8Array): void {
    if (this.#leftOut > 0 || this.#socket.bufferedAmount > maxUnreadBytes) this.#leftOut += bytes.length;
    else if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(bytes, () => this.#hasRead());
  }

  #hasRead(): void {
    if (this.#leftOut === 0 || this.#isGone || this.#socket.bufferedAmount > maxUnreadBytes / 2) return;
    this.#notice({ type: 'gap', bytes: this.#leftOut });
    this.#leftOut = 0;
    for (const piece of this.#console?.shown.pieces ?? []) this.#output(piece);
  }

  #end(message: string, elsewhere: string | null = null): void {
    this.#notice({ type: 'end', message, elsewhere });
    this.#socket.close(closeCodes.done);
  }

  /** A connection that was cut says nothing: so it is asked, and the pen of one who does not answer is free. */
  #ping(): void {
    if (!this.#answered) return this.#socket.terminate();
    this.#answered = false;
    this.#socket.ping();
  }

  async #recheck(): Promise<void> {
    const mayStay = await this.#parts.mayStay().catch(() => true);
    if (!mayStay) this.#end('You may not be at this console any more.');
  }

  #left(): void {
    this.#isGone = true;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    if (this.#console === undefined) return;
    this.#console.leave(this.#id);
    // Whether it can be written down that he has gone changes nothing of it.
    void this.#parts.note('closeConsole').catch(() => undefined);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How a visit begins, from what was asked for. */
export const visitOf = (
  node: Node,
  {
    take,
    endOther,
    columns,
    rows,
  }: { readonly take: 'true' | 'false'; readonly endOther: 'true' | 'false'; readonly columns: number; readonly rows: number },
): Visit => ({ node, size: { columns, rows }, takes: take === 'true', endOther: endOther === 'true' });
