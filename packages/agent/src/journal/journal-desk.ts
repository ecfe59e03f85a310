import type { AgentMessage, ServerMessage } from '@muster/api/agent';
import type { Clock } from '../clock.ts';
import { isUnitPattern, problemOfUnitName } from '../config/unit-name.ts';
import type { Log } from '../log.ts';
import type { RunProgram } from '../run-program.ts';
import { JournalReader, type JournalWish } from './journal-reader.ts';
import type { StreamProgram } from './stream-program.ts';

export type JournalDeskParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly stream: StreamProgram;
  readonly run: RunProgram;
  readonly send: (message: AgentMessage) => boolean;
  /** This machine's id in journals; undefined where it has none. */
  readonly machineId: () => Promise<string | undefined>;
  /** Bytes that were given to the connection and not sent yet. */
  readonly backlogBytes: () => number;
};

/** Journals that are open at the same time. Each is a process of its own, beside the agent in its memory. */
const maxOpen = 4;
const maxBacklogBytes = 1_048_576;

/** Shows the journals that the server asks for, for as long as it is connected. */
export class JournalDesk {
  readonly #parts: JournalDeskParts;
  readonly #open = new Map<string, JournalReader>();

  constructor(parts: JournalDeskParts) {
    this.#parts = parts;
  }

  /** Acts on a message if it is about journals. One that is open already stays open: after a change of connection the server asks again. */
  received(message: ServerMessage): void {
    if (message.type === 'journal-close') this.#close(message.id);
    else if (message.type === 'journal-open' && !this.#open.has(message.id)) this.#begin(message);
  }

  /** Nobody reads any more. */
  closeAll(): void {
    for (const id of this.#open.keys()) this.#close(id);
  }

  #begin(wish: JournalWish): void {
    const { clock, stream, run, send, machineId, backlogBytes, log } = this.#parts;
    const problem =
      problemOf(wish.unit) ?? (this.#open.size >= maxOpen ? `${maxOpen} journals of this node are being read already` : undefined);
    if (problem !== undefined) {
      send({ type: 'journal-end', id: wish.id, reason: problem });
      return;
    }
    log.debug('a journal is opened', { unit: wish.unit, follow: wish.follow });
    const reader = new JournalReader(
      { clock, stream, run, send, machineId, hasRoom: () => backlogBytes() < maxBacklogBytes, onEnd: () => this.#open.delete(wish.id) },
      wish,
    );
    this.#open.set(wish.id, reader);
    reader.start();
  }

  #close(id: string): void {
    this.#open.get(id)?.stop();
    this.#open.delete(id);
  }
}

/** journalctl takes patterns for a unit: here one unit is meant. What comes from outside is checked again, whoever has checked it before. */
function problemOf(unit: string): string | undefined {
  const problem = isUnitPattern(unit) ? 'is a pattern: name one unit' : problemOfUnitName(unit);
  return problem === undefined ? undefined : `the unit ${problem}`;
}
