import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError, systemCodeOf } from '../agent-error.ts';
import { readRoots, type Root } from '../identity/certificate-chain.ts';
import { durableFiles, type DurableFiles } from './durable-files.ts';

/** More authorities than one and its successor are a mistake. */
const maxRoots = 4;

/**
 * The roots that the servers told this node to trust: `roots.pem` in the state folder. Where it is missing, as after an enrolment, the
 * node trusts the root of its certificate alone, and is told the rest.
 */
export class TrustStore {
  readonly #path: string;
  readonly #files: DurableFiles;

  constructor(stateDir: string, files: DurableFiles = durableFiles) {
    this.#path = join(stateDir, 'roots.pem');
    this.#files = files;
  }

  /** None when nothing was told yet, or when the file is damaged: the servers tell it again. */
  async read(): Promise<readonly Root[]> {
    try {
      return checked(await readFile(this.#path, 'utf8'));
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT' || error instanceof AgentError) return [];
      throw error;
    }
  }

  /** Keeps what a server told. @throws AgentError for what are no roots; then nothing changes */
  async keep(rootsPem: string): Promise<readonly Root[]> {
    const roots = checked(rootsPem);
    await this.#files.writeFile(this.#path, roots.map(({ pem }) => pem).join(''));
    return roots;
  }

  /** Forgets what was told: after an enrolment, whose token named the root to trust. */
  async forget(): Promise<void> {
    await this.#files.removeFile(this.#path);
  }
}

function checked(pem: string): readonly Root[] {
  const roots = readRoots(pem);
  if (roots.length === 0 || roots.length > maxRoots)
    throw new AgentError('failed', `There are ${roots.length} roots to trust; between 1 and ${maxRoots} were expected`);
  return roots;
}
