import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskLane, TaskWork } from '@muster/api/agent';
import { durableFiles, type DurableFiles, namesIn } from '../state/durable-files.ts';
import type { TaskResult } from './task-handler.ts';

/** A task that was begun, with what it takes to begin it again. */
export type BegunTask = {
  readonly id: string;
  readonly lane: TaskLane;
  readonly timeoutSeconds: number;
  readonly work: TaskWork;
};

/** What is known of a task: it was begun; it has ended; its result is with the server, and only its outcome is still of use here. */
export type JournalState = 'begun' | 'ended' | 'told';

type Entry = {
  readonly sequence: number;
  readonly state: JournalState;
  readonly task?: BegunTask | undefined;
  readonly result?: TaskResult | undefined;
};

/** Tasks whose results are with the server are remembered up to this number: an id that comes again is known and not done again. */
const keptTold = 1000;
/** Of the output of such a task so much stays. */
const keptOutputCharacters = 2000;

/**
 * The agent's tasks on its disk, one file each: written before a task begins, when it has ended, and when the server has its result. A
 * file that cannot be read stands for a task that was begun and of which nothing else is known.
 */
export class TaskJournal {
  readonly #folder: string;
  readonly #files: DurableFiles;
  readonly #entries = new Map<string, Entry>();
  #sequence = 0;

  private constructor(stateDir: string, files: DurableFiles) {
    this.#folder = join(stateDir, 'tasks');
    this.#files = files;
  }

  /** Reads what is there. Never throws: an agent whose disk is full or broken still watches its machine, and begins nothing. */
  static async open(stateDir: string, files: DurableFiles = durableFiles): Promise<TaskJournal> {
    const journal = new TaskJournal(stateDir, files);
    await files.makeFolder(journal.#folder).catch(() => undefined);
    for (const name of await namesIn(journal.#folder)) {
      const id = idOf(name);
      if (id !== undefined) journal.#keep(id, await journal.#read(id));
    }
    return journal;
  }

  stateOf(id: string): JournalState | undefined {
    return this.#entries.get(id)?.state;
  }

  /** Tasks that were begun and have not ended, oldest first; without what they were where the file was damaged. */
  begun(): { readonly id: string; readonly task: BegunTask | undefined }[] {
    return this.#inOrder('begun').map(([id, { task }]) => ({ id, task }));
  }

  /** Tasks whose results the server does not have yet, oldest first. */
  untold(): string[] {
    return this.#inOrder('ended').map(([id]) => id);
  }

  /** How a task ended; undefined where it has not, or is not known. */
  async resultOf(id: string): Promise<TaskResult | undefined> {
    const entry = this.#entries.get(id);
    return entry?.state === 'told' ? (await this.#read(id)).result : entry?.result;
  }

  /** Before it begins. @throws where it cannot be written: then it must not begin */
  async begin(task: BegunTask): Promise<void> {
    await this.#write(task.id, { sequence: this.#next(), state: 'begun', task });
  }

  /**
   * Before its result is told: until this has settled the task counts as begun. Where it cannot be written the result is known until this
   * process ends. @throws the file's error
   */
  async end(id: string, result: TaskResult): Promise<void> {
    const before = this.#entries.get(id) ?? { sequence: this.#next(), state: 'begun' as const };
    const entry: Entry = { sequence: before.sequence, state: 'ended', result };
    this.#entries.set(id, before);
    try {
      await this.#write(id, entry);
    } finally {
      this.#entries.set(id, entry);
    }
  }

  /** The server has the result. Forgets the oldest of those that it has. */
  async told(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry?.state !== 'ended' || entry.result === undefined) return;
    const { output, truncated } = entry.result;
    const result = {
      ...entry.result,
      output: output.slice(0, keptOutputCharacters),
      truncated: truncated || output.length > keptOutputCharacters,
    };
    await this.#write(id, { ...entry, state: 'told', result });
    await this.#prune();
  }

  async #prune(): Promise<void> {
    const told = this.#inOrder('told');
    for (const [id] of told.slice(0, Math.max(0, told.length - keptTold))) {
      await this.#files.removeFile(this.#pathOf(id));
      this.#entries.delete(id);
    }
  }

  async #write(id: string, entry: Entry): Promise<void> {
    await this.#files.writeFile(this.#pathOf(id), JSON.stringify(entry));
    this.#keep(id, entry);
  }

  /** The result of a task that was told stays on the disk alone. */
  #keep(id: string, { sequence, state, task, result }: Entry): void {
    this.#sequence = Math.max(this.#sequence, sequence);
    this.#entries.set(id, state === 'told' ? { sequence, state } : { sequence, state, task, result });
  }

  async #read(id: string): Promise<Entry> {
    const value = await readFile(this.#pathOf(id), 'utf8').then(parse, () => undefined);
    return entryOf(id, value) ?? { sequence: 0, state: 'begun' };
  }

  #inOrder(state: JournalState): [string, Entry][] {
    return [...this.#entries].filter(([, entry]) => entry.state === state).sort(([, a], [, b]) => a.sequence - b.sequence);
  }

  #next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  #pathOf(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

const idOf = (name: string): string | undefined => /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.json$/u.exec(name)?.[1];

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Fields = Readonly<Partial<Record<'state' | 'sequence' | 'task' | 'result' | 'id' | 'work' | 'outcome' | 'output', unknown>>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** The entry as this program wrote it; undefined for anything else. */
function entryOf(id: string, value: unknown): Entry | undefined {
  if (!isFields(value)) return undefined;
  const { state, sequence, task, result } = value;
  if (typeof sequence !== 'number') return undefined;
  if (state === 'begun') return { sequence, state, task: isTaskOf(id, task) ? task : undefined };
  return (state === 'ended' || state === 'told') && isResult(result) ? { sequence, state, result } : undefined;
}

const isTaskOf = (id: string, value: unknown): value is BegunTask => isFields(value) && value.id === id && isFields(value.work);

const isResult = (value: unknown): value is TaskResult =>
  isFields(value) && typeof value.outcome === 'string' && typeof value.output === 'string';
