import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Lab } from '@muster/lab';
import { onHost } from './on-host.ts';

type Line =
  | { readonly at: number; readonly kind: 'write'; readonly name: string; readonly isDone: boolean; readonly said?: string }
  | { readonly at: number; readonly kind: 'read'; readonly isDone: boolean; readonly bad: readonly string[]; readonly said?: string };

/** What a member's users saw while something was broken. */
export type Seen = {
  /** The longest time between two acknowledged changes, seconds; likewise of reads. */
  readonly writePause: number;
  readonly readPause: number;
  readonly failedWrites: number;
  readonly failedReads: number;
  readonly acknowledged: readonly string[];
  /** Nodes that were shown bad at any time. */
  readonly bad: readonly string[];
};

/** Asks a member's server without pause, as its users would, and keeps how each request ended. */
export class Observer {
  readonly #lines: Line[] = [];
  readonly #child: ReturnType<Lab['spawnIn']>;
  readonly #lab: Lab;
  readonly #member: string;

  private constructor(lab: Lab, member: string, prefix: string) {
    this.#lab = lab;
    this.#member = member;
    const [program = '', ...args] = lab.runArgv(member, ['/opt/muster-agent/runtime/node', '/root/on-member.mts', prefix]);
    this.#child = lab.spawnIn([program, ...args]);
    this.#child.stderr.resume();
    createInterface(this.#child.stdout).on('line', (line) => this.#lines.push(JSON.parse(line) as Line));
  }

  static async start(lab: Lab, member: string, prefix: string): Promise<Observer> {
    const program = readFileSync(join(import.meta.dirname, '..', 'on-host', 'on-member.ts'), 'utf8');
    await onHost(lab, member, `cat > /root/on-member.mts <<'END'\n${program}\nEND`);
    return new Observer(lab, member, prefix);
  }

  /** How many changes were acknowledged since then, in milliseconds of this machine's clock, which its hosts share. */
  acknowledgedSince(atMs: number): number {
    return this.#lines.filter((line) => line.kind === 'write' && line.isDone && line.at > atMs).length;
  }

  async stop(sinceMs: number): Promise<Seen> {
    await onHost(this.#lab, this.#member, 'pkill -f /root/on-member.mts; true');
    this.#child.kill();
    const writes = this.#lines.filter((line) => line.kind === 'write');
    const reads = this.#lines.filter((line) => line.kind === 'read');
    return {
      writePause: longestPause(writes, sinceMs),
      readPause: longestPause(reads, sinceMs),
      failedWrites: writes.filter((line) => !line.isDone).length,
      failedReads: reads.filter((line) => !line.isDone).length,
      acknowledged: writes.filter((line) => line.isDone).map((line) => line.name),
      bad: [...new Set(reads.flatMap((line) => line.bad))],
    };
  }
}

/** Between two that were done, of which the later one was after `sinceMs`; seconds. */
function longestPause(lines: readonly Line[], sinceMs: number): number {
  const times = lines.filter((line) => line.isDone).map(({ at }) => at);
  const pauses = times.slice(1).map((time, index) => (time > sinceMs ? time - Math.max(times[index] ?? time, sinceMs) : 0));
  return Math.max(0, ...pauses) / 1000;
}
