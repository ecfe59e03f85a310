import { randomUUID } from 'node:crypto';
import type { AgentMessage, TaskMessage } from '@muster/api/agent';
import type { Log } from '../src/log.ts';
import { durableFiles, type DurableFiles } from '../src/state/durable-files.ts';
import { endedEarly, endReasonOf, type HandlerResult, type TaskContext, type TaskHandlers } from '../src/tasks/task-handler.ts';
import { TaskJournal } from '../src/tasks/task-journal.ts';
import { TaskRunner } from '../src/tasks/task-runner.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { fakeLog } from './fake-log.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

/** A task that went well. */
export const goodResult: HandlerResult = { outcome: 'succeeded', message: '', exitStatus: 0, output: 'ok' };

/** A runner whose handlers do what a test says, with its connection in the test's hand. */
export class TaskBench {
  readonly clock = new FakeClock();
  readonly sent: AgentMessage[] = [];
  readonly ran: string[] = [];
  readonly ends = new Map<string, (result: HandlerResult) => void>();
  readonly lines: string[];
  connected = true;
  readonly folder: string;
  runner!: TaskRunner;
  journal!: TaskJournal;
  readonly #log: Log;
  readonly #writing: Promise<void>[] = [];
  #dead = false;

  private constructor(folder: string) {
    this.folder = folder;
    const { log, lines } = fakeLog();
    [this.#log, this.lines] = [log, lines];
  }

  static async start(folder = temporaryFolder(), files: DurableFiles = durableFiles): Promise<TaskBench> {
    const bench = new TaskBench(folder);
    bench.journal = await TaskJournal.open(folder, bench.#mortal(files));
    bench.runner = new TaskRunner({
      clock: bench.clock,
      log: bench.#log,
      journal: bench.journal,
      handlers: bench.#handlers(),
      send: (message) => {
        if (bench.connected) bench.sent.push(message);
        return bench.connected;
      },
    });
    await bench.runner.recover();
    return bench;
  }

  #handlers(): TaskHandlers {
    const note = ({ id }: TaskContext): void => void this.ran.push(id);
    return {
      quick: { repeatable: false, run: async (context) => (note(context), goodResult) },
      poison: {
        repeatable: false,
        run: (context) => {
          note(context);
          throw new Error('poison');
        },
      },
      // Ends when the test says so, or when it is told to.
      held: { repeatable: false, run: (context) => this.#hold(context, true) },
      deaf: { repeatable: false, run: (context) => this.#hold(context, false) },
      again: { repeatable: true, run: (context) => this.#hold(context, true) },
    };
  }

  #hold(context: TaskContext, listens: boolean): Promise<HandlerResult> {
    this.ran.push(context.id);
    return new Promise((resolve) => {
      this.ends.set(context.id, resolve);
      const { signal, timeoutSeconds } = context;
      if (listens) signal.addEventListener('abort', () => resolve(endedEarly(endReasonOf(signal) ?? 'timeout', timeoutSeconds)));
    });
  }

  /** What it writes just now may yet reach the disk, nothing after that; and nobody hears it any more. */
  async killed(): Promise<TaskBench> {
    this.connected = false;
    this.#dead = true;
    await Promise.all(this.#writing);
    return TaskBench.start(this.folder);
  }

  /** Writes until the end of the process. */
  #mortal({ writeFile, ...rest }: DurableFiles): DurableFiles {
    return {
      ...rest,
      writeFile: (path, content) => {
        if (this.#dead) return new Promise(() => undefined);
        const written = writeFile(path, content);
        this.#writing.push(written.catch(() => undefined));
        return written;
      },
    };
  }

  give(kind: string, rest: Partial<TaskMessage> = {}): string {
    const task: TaskMessage = {
      type: 'task',
      id: randomUUID(),
      lane: 'control',
      beginWithinSeconds: 60,
      timeoutSeconds: 10,
      work: { kind },
      ...rest,
    };
    this.runner.received(task);
    return task.id;
  }

  results(): string[] {
    return this.sent.flatMap((one) => (one.type === 'task-result' ? [`${one.id} ${one.outcome}`] : []));
  }

  resultOf(id: string) {
    return this.sent.findLast((one) => one.type === 'task-result' && one.id === id);
  }

  /** Waits for the result of a task and has it recorded. */
  async ended(id: string): Promise<string> {
    await waitFor(() => this.resultOf(id) !== undefined, `the result of ${id}`);
    this.runner.received({ type: 'task-recorded', id });
    await settle();
    const found = this.resultOf(id);
    return found?.type === 'task-result' ? found.outcome : '';
  }

  async begun(id: string): Promise<void> {
    await waitFor(() => this.ran.includes(id), `the beginning of ${id}`);
  }
}
