import type { ProvisionRun } from '@muster/api';
import { forServer, type RunBeginning, RunRecord } from '@muster/core';
import { finishedEvent, phaseEvent } from '@muster/store';
import { readLine } from './read-line.ts';
import type { ProgramEnd, RunningProgram } from './run-program.ts';
import type { RunWriter } from './run-writer.ts';

/** Exit status of a program that was interrupted and has finished what was under way. */
const interruptedStatus = 130;

/** A run that the server executes: hears what its program tells, keeps account of it, and says how it ended. */
export class StartedRun {
  readonly id: string;
  readonly #record: RunRecord;
  readonly #writer: RunWriter;
  #program: RunningProgram | undefined;
  #isWhole = false;
  #whyEnded: string | undefined;

  constructor(beginning: RunBeginning, writer: RunWriter) {
    this.id = beginning.id;
    this.#record = new RunRecord(beginning);
    this.#writer = writer;
  }

  /** The run as it is now. */
  now(state: ProvisionRun['state'] = 'running', reason?: string): ProvisionRun {
    return forServer(this.#record.now(state, reason, this.#isWhole && state !== 'running' && state !== 'interrupted'));
  }

  /** Why it is to end before its time, where somebody wants that. */
  get whyEnded(): string | undefined {
    return this.#whyEnded;
  }

  /** Takes a line of the program. */
  hear(text: string): void {
    const line = readLine(text);
    if (line === undefined) return;
    if (line.event === 'finished') this.#isWhole = true;
    if (line.event === 'phase-started') this.#record.phaseStarted(line.phase, line.hosts);
    if (line.event === 'host-finished') this.#record.hostFinished(line.phase, line);
    if (line.event === 'phase-finished') this.#record.phaseFinished(line.phase);
    const events = line.event === 'phase-started' ? [phaseEvent(this.#record.now('running'), line.phase)] : [];
    this.#writer.tell(() => this.now(), events);
  }

  /** Lets the program go on until it ends; writes down how it ended. */
  async follow(program: RunningProgram): Promise<void> {
    this.#program = program;
    if (this.#whyEnded !== undefined) program.interrupt();
    await this.end(await program.ended);
  }

  /** Writes down how it ended. Resolves when that is written, or the writer has given up. */
  async end({ exitCode, said }: ProgramEnd): Promise<void> {
    const { state, reason } = this.#endOf(exitCode, said);
    const run = this.now(state, reason);
    this.#writer.tell(() => run, [finishedEvent(run)]);
    await this.#writer.settled();
  }

  /** Asks it to finish what is under way and end, for a reason that is kept. A second time changes nothing. */
  interrupt(why: string): void {
    if (this.#whyEnded !== undefined) return;
    this.#whyEnded = why;
    this.#program?.interrupt();
  }

  kill(): void {
    this.#program?.kill();
  }

  #endOf(exitCode: number | null, said: string): { state: ProvisionRun['state']; reason?: string } {
    // It may have come to its end before it heard that it should not.
    if (exitCode === 0 && this.#isWhole) return { state: 'done' };
    if (this.#whyEnded !== undefined) return { state: 'interrupted', reason: this.#whyEnded };
    if (exitCode === interruptedStatus) return { state: 'interrupted', reason: 'Its program was interrupted on the server.' };
    if (this.#isWhole) return { state: 'failed', ...(said === '' ? {} : { reason: said }) };
    const how = exitCode === null ? 'was killed or did not start' : `ended with status ${exitCode}`;
    return { state: 'failed', reason: `The program of the run ${how}${said === '' ? '.' : `: ${said}`}` };
  }
}
