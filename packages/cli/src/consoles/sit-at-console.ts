import type { ReadStream, WriteStream } from 'node:tty';
import { ConsoleNotice } from '@muster/api';
import type { WebSocket } from 'ws';
import { printable } from '../output/printable.ts';
import { atTheStart, escapeHelp, type EscapeState, readTyped } from './escapes.ts';

/** Where a person sits. */
export type Seat = { readonly input: ReadStream; readonly output: WriteStream; readonly notes: NodeJS.WritableStream };
/** How it ended: the person left, the server said why, or the connection was lost. */
export type Leaving =
  | { readonly by: 'person' }
  | { readonly by: 'server'; readonly message: string; readonly elsewhere: string | null }
  | { readonly by: 'loss' };

/** Sits at a console that is open, until it ends. The terminal is raw meanwhile, and as it was afterwards. */
export function sitAtConsole(socket: WebSocket, { input, output, notes }: Seat): Promise<Leaving> {
  return new Promise((resolve) => {
    const visit = { state: atTheStart, leaving: { by: 'loss' } as Leaving, you: '', wrote: undefined as boolean | undefined };
    const say = (text: string) => void notes.write(`\r\n[muster: ${printable(text)}]\r\n`);
    const wish = (value: object) => socket.send(JSON.stringify(value));
    const resize = () => wish({ type: 'resize', columns: output.columns, rows: output.rows });
    const leave = () => {
      visit.leaving = { by: 'person' };
      socket.close();
    };
    const onInput = (typed: Buffer) => {
      const { bytes, words, state } = readTyped(typed, visit.state);
      visit.state = state;
      if (bytes.length > 0) socket.send(bytes);
      for (const word of words) {
        if (word === 'help') notes.write(`\r\n${escapeHelp}`);
        else if (word === 'take') wish({ type: 'take' });
        else leave();
      }
    };
    const onNotice = (notice: ConsoleNotice) => {
      if (notice.type === 'welcome') visit.you = notice.you;
      else if (notice.type === 'presence') tellPresence(notice);
      else if (notice.type === 'gap') say(`${notice.bytes} bytes were left out: this terminal is slower than the console`);
      else if (notice.type === 'refused') say(notice.message);
      else visit.leaving = { by: 'server', message: notice.message, elsewhere: notice.elsewhere };
    };
    const tellPresence = ({ viewers, writer }: Extract<ConsoleNotice, { type: 'presence' }>) => {
      const writes = writer === visit.you;
      if (writes && visit.wrote !== true) resize();
      if (writes !== visit.wrote) say(presenceText(viewers, writer, visit.you));
      visit.wrote = writes;
    };
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) output.write(data);
      else onNotice(ConsoleNotice.parse(JSON.parse(data.toString('utf8'))));
    });
    socket.on('error', () => undefined);
    input.setRawMode(true).resume().on('data', onInput);
    output.on('resize', resize);
    process.on('SIGTERM', leave);
    socket.on('close', () => {
      input.off('data', onInput).setRawMode(false).pause();
      output.off('resize', resize);
      process.off('SIGTERM', leave);
      resolve(visit.leaving);
    });
    socket.resume();
  });
}

function presenceText(
  viewers: readonly { readonly id: string; readonly name: string; readonly readOnly: boolean }[],
  writer: string | null,
  you: string,
): string {
  const others = viewers.length - 1;
  const company = others === 0 ? '' : `, ${others} more ${others === 1 ? 'watches' : 'watch'}`;
  if (writer === you) return `you write${company}; leave with ~. at the start of a line, ~? for help`;
  const name = viewers.find(({ id }) => id === writer)?.name;
  const mine = viewers.find(({ id }) => id === you);
  const how =
    mine?.readOnly === true
      ? 'you read only'
      : name === undefined
        ? 'nobody writes: type, and you do'
        : `${name} writes: take over with ~t`;
  return `${how}${company}; leave with ~.`;
}
