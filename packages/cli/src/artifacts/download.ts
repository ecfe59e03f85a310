import type { IncomingMessage } from 'node:http';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli-error.ts';
import { fileHash } from './file-hash.ts';
import type { Asks } from './locate.ts';

/** What is downloaded to where. */
export type Download = {
  readonly name: string;
  readonly url: string;
  readonly sha256: string;
  readonly target: string;
  readonly asks: Asks;
  readonly signal: AbortSignal;
  /** How many connections may end without a byte, one after the other, and how long it waits between them. */
  readonly tries?: number;
  readonly pauseMs?: number;
  /** After this long without a byte a connection is given up. */
  readonly silenceMs?: number;
};

const usual = { tries: 8, pauseMs: 1000, silenceMs: 60_000 };

/**
 * Downloads a file beside its place, verifies it there by SHA-256 and moves it to its place by one rename. What was cut off, in this call
 * or an earlier one, goes on where it ended. @returns how many bytes came over the network
 * @throws CliError when it cannot be had, or is not what the checksum says
 */
export async function download(what: Download): Promise<number> {
  const partial = `${what.target}.partial`;
  await mkdir(dirname(what.target), { recursive: true });
  const isResumed = (await sizeOf(partial)) > 0;
  let received = await fetchWithTries(what, partial);
  let sha256 = (await fileHash(partial))?.sha256;
  if (sha256 !== what.sha256 && isResumed) {
    // The beginning was of another file: what an earlier call has left says nothing of what is there now.
    await rm(partial, { force: true });
    received += await fetchWithTries(what, partial);
    sha256 = (await fileHash(partial))?.sha256;
  }
  if (sha256 !== what.sha256) {
    await rm(partial, { force: true });
    throw new CliError(
      `${what.name} from ${what.url} is not what the manifest says: its SHA-256 is ${sha256 ?? 'none'}, not ${what.sha256}. It was not kept. Ask whoever made the manifest which of the two is right.`,
    );
  }
  await rename(partial, what.target);
  return received;
}

/** As long as each connection brings something, it goes on. */
async function fetchWithTries(what: Download, partial: string): Promise<number> {
  const { tries, pauseMs } = { ...usual, ...what };
  let [received, fruitless] = [0, 0];
  for (;;) {
    const before = received;
    const count = (bytes: number): void => {
      received += bytes;
    };
    try {
      await fetchOnce(what, partial, count);
      return received;
    } catch (error) {
      what.signal.throwIfAborted();
      if (error instanceof CliError) throw error;
      fruitless = received > before ? 0 : fruitless + 1;
      if (fruitless >= tries) throw new CliError(`${what.name} cannot be had from ${what.url}: ${reasonOf(error)}`, 1, { cause: error });
      await sleep(pauseMs * Math.max(1, fruitless), undefined, { signal: what.signal });
    }
  }
}

async function fetchOnce(what: Download, partial: string, count: (bytes: number) => void): Promise<void> {
  const from = await sizeOf(partial);
  const silence = new Silence(what.silenceMs ?? usual.silenceMs);
  try {
    const signal = AbortSignal.any([what.signal, silence.signal]);
    // A server that compresses on its own would send another file than the one that was hashed.
    const headers = { 'accept-encoding': 'identity', ...(from > 0 ? { range: `bytes=${from}-` } : {}) };
    const answer = await what.asks(headers, signal);
    const isWhole = await isWholeAnswer(what, { answer, from, partial });
    if (isWhole === undefined) return;
    await keep(answer, { partial, isWhole, silence, count });
  } finally {
    silence.end();
  }
}

/** Chunk by chunk, so that what has come is in the file whenever the connection ends. */
async function keep(
  body: AsyncIterable<Uint8Array>,
  { partial, isWhole, silence, count }: { partial: string; isWhole: boolean; silence: Silence; count: (bytes: number) => void },
): Promise<void> {
  const file = await open(partial, isWhole ? 'w' : 'a');
  try {
    for await (const chunk of body) {
      silence.broken();
      await file.writeFile(chunk);
      count(chunk.length);
    }
  } finally {
    await file.close();
  }
}

type Answered = { readonly answer: IncomingMessage; readonly from: number; readonly partial: string };

/**
 * Whether an answer is the whole file, or the rest from where we are; undefined when nothing is missing any more.
 * @throws CliError for an answer that will not change; Error for one that may
 */
async function isWholeAnswer(what: Download, { answer, from, partial }: Answered): Promise<boolean | undefined> {
  const status = answer.statusCode;
  if (status === 200) return true;
  const { start, length } = rangeOf(answer);
  if (status === 206 && start === from) return false;
  answer.destroy();
  if (status !== 416) throw refused(what, answer);
  if (length === from) return undefined;
  await rm(partial, { force: true });
  throw new Error('what was downloaded before is longer than the file');
}

/** What `content-range` says: where a part begins, or how long the whole is. */
function rangeOf({ headers }: IncomingMessage): { readonly start: number; readonly length: number } {
  const said = headers['content-range'] ?? '';
  return { start: Number(/^bytes (\d+)-/u.exec(said)?.[1]), length: Number(/^bytes \*\/(\d+)$/u.exec(said)?.[1]) };
}

/** A CliError where asking again would not help. */
function refused({ name, url }: Download, { statusCode: status = 0, statusMessage = '' }: IncomingMessage): Error {
  const said = `the server answers ${status} ${statusMessage}`.trim();
  const isPassing = status >= 500 || [206, 408, 429].includes(status);
  return isPassing ? new Error(said) : new CliError(`${name} cannot be had from ${url}: ${said}.`);
}

/** Ends a connection over which nothing comes. */
class Silence {
  readonly #limitMs: number;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#abort.abort(new Error(`nothing came for ${this.#limitMs / 1000} s`)), this.#limitMs);
  }
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

/** `fetch` says "fetch failed", and hides in its cause what did. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
