import type { ReadStream, WriteStream } from 'node:tty';
import { ConsoleNotice, type ConsolePresence } from '@muster/api';
import type { WebSocket } from 'ws';
import { printable } from '../output/printable.ts';
import { atTheStart, escapeHelp, type EscapeWord, readTyped } from './escapes.ts';

/** Where a person sits. */
export type Seat = { readonly input: ReadStream; readonly output: WriteStream; readonly notes: NodeJS.WritableStream };
/** How it ended: the person left, the server said why, or the connection was lost. */
export type Leaving =
  | { readonly by: 'person' }
  | { readonly by: 'server'; readonly message: string; readonly elsewhere: string | null }
  | { readonly by: 'loss' };

/** The size of a terminal. One that knows none, as on a serial line, says 0, and is taken for the usual one. */
export const sizeOf = ({ columns, rows }: { readonly columns: number; readonly rows: number }) => ({
  columns: columns || 80,
  rows: rows || 24,
});

/** Sits at a console that is open, until it ends. The terminal is raw meanwhile, and as it was afterwards. */
export const sitAtConsole = (socket: WebSocket, seat: Seat): Promise<Leaving> => new Sitting(socket, seat).untilItEnds();

class Sitting {
  readonly #socket: WebSocket;
  readonly #seat: Seat;
  #escapes = atTheStart;
  #leaving: Leaving = { by: 'loss' };
  #you = '';
  #told = '';

  constructor(socket: WebSocket, seat: Seat) {
    this.#socket = socket;
    this.#seat = seat;
  }

  untilItEnds(): Promise<Leaving> {
    const { input, output } = this.#seat;
    const [onTyped, resize, leave] = [(bytes: Buffer) => this.#typed(bytes), () => this.#resize(), () => this.#leave()];
    const over = Promise.withResolvers<Leaving>();
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) output.write(data);
      else this.#noticed(ConsoleNotice.parse(JSON.parse(data.toString('utf8'))));
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      input.off('data', onTyped).setRawMode(false).pause();
      output.off('resize', resize);
      process.off('SIGTERM', leave);
      over.resolve(this.#leaving);
    });
    input.setRawMode(true).resume().on('data', onTyped);
    output.on('resize', resize);
    process.on('SIGTERM', leave);
    this.#socket.resume();
    return over.promise;
  }

  #typed(input: Buffer): void {
    const { bytes, words, state } = readTyped(input, this.#escapes);
    this.#escapes = state;
    if (bytes.length > 0) this.#send(bytes);
    for (const word of words) this.#obey(word);
  }

  #obey(word: EscapeWord): void {
    if (word === 'help') this.#seat.notes.write(`\r\n${escapeHelp}`);
    else if (word === 'take') this.#send(JSON.stringify({ type: 'take' }));
    else this.#leave();
  }

  #noticed(notice: ConsoleNotice): void {
    if (notice.type === 'welcome') this.#you = notice.you;
    else if (notice.type === 'presence') this.#sees(notice);
    else if (notice.type === 'gap') this.#say(`${notice.bytes} bytes were left out: this terminal is slower than the console`);
    else if (notice.type === 'refused') this.#say(notice.message);
    else this.#leaving = { by: 'server', message: notice.message, elsewhere: notice.elsewhere };
  }

  #sees(presence: ConsolePresence): void {
    const standing = standingOf(presence, this.#you);
    if (standing === this.#told) return;
    this.#told = standing;
    if (presence.writer === this.#you) this.#resize();
    this.#say(`${standing}${companyOf(presence)}; leave with ~. at the start of a line, ~? for help`);
  }

  #resize(): void {
    this.#send(JSON.stringify({ type: 'resize', ...sizeOf(this.#seat.output) }));
  }

  #leave(): void {
    this.#leaving = { by: 'person' };
    this.#socket.close();
  }

  #send(data: string | Buffer): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(data);
  }

  #say(text: string): void {
    this.#seat.notes.write(`\r\n[muster: ${printable(text)}]\r\n`);
  }
}

/** How many others are there. */
function companyOf({ viewers }: ConsolePresence): string {
  const others = viewers.length - 1;
  return others === 0 ? '' : `, ${others} more ${others === 1 ? 'watches' : 'watch'}`;
}

function standingOf({ viewers, writer }: ConsolePresence, you: string): string {
  if (writer === you) return 'you write';
  if (viewers.find(({ id }) => id === you)?.readOnly === true) return 'you read only';
  const name = viewers.find(({ id }) => id === writer)?.name;
  return name === undefined ? 'nobody writes: type, and you do' : `${name} writes: take over with ~t`;
}
