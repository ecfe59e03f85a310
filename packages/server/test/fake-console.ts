import type { ConsoleBackend, ConsoleEvents } from '../src/consoles/console-backend.ts';
import { noConsole } from '../src/consoles/console-backend.ts';

/** A fake behind the port of consoles: it writes back what it is given in angle brackets, as the machine of `ipmi-sim` does. */
export class FakeConsole implements ConsoleBackend {
  /** Lines that are open now, and how many ever were. */
  lines: ConsoleEvents[] = [];
  opened = 0;
  received = '';
  readonly sizes: object[] = [];
  /** Why the next one does not open. */
  refusal: string | undefined;

  readonly open: ConsoleBackend['open'] = async (_place, events) => {
    if (this.refusal !== undefined) throw noConsole(this.refusal);
    this.opened += 1;
    this.lines.push(events);
    return {
      write: (bytes) => {
        const text = Buffer.from(bytes).toString('latin1');
        this.received += text;
        events.onOutput(Buffer.from(`<${text}>`, 'latin1'));
      },
      resize: (size) => void this.sizes.push(size),
      close: async () => {
        this.lines = this.lines.filter((line) => line !== events);
      },
    };
  };

  /** The node writes. */
  say(text: string): void {
    for (const { onOutput } of this.lines) onOutput(Buffer.from(text, 'latin1'));
  }

  /** It ends by itself. */
  end(message: string): void {
    for (const { onEnd } of this.lines) onEnd(message);
  }
}
