import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError, messageOf, systemCodeOf } from '../agent-error.ts';
import { durableFiles, namesIn, type DurableFiles } from './durable-files.ts';
import { identityFiles, readIdentity, type Identity } from './identity.ts';

/** A key made on this node and its signing request. */
export type PendingIdentity = {
  readonly generation: number;
  readonly nodeName: string;
  readonly keyPem: string;
  readonly csrPem: string;
  /** Its certificate has come, but it is not yet in use. */
  readonly isComplete: boolean;
};

export type KeyAndCsr = { readonly keyPem: string; readonly csrPem: string };

/**
 * The node's identities as generations, `identity/gen-<n>/`, with the symbolic link `identity/current` to the one in use.
 * A generation grows key, request, root, chain, in that order; the chain makes it complete. Whatever step a crash hits, the
 * link leads to a complete generation, or there never was one.
 */
export class IdentityStore {
  readonly #root: string;
  readonly #files: DurableFiles;

  constructor(stateDir: string, files: DurableFiles = durableFiles) {
    this.#root = join(stateDir, 'identity');
    this.#files = files;
  }

  /** The identity in use; undefined when this node is not enrolled. */
  async current(): Promise<Identity | undefined> {
    const target = await readlink(join(this.#root, 'current')).catch((error: unknown) => {
      if (systemCodeOf(error) === 'ENOENT') return '';
      throw new AgentError('failed', `Cannot read ${this.#root}: ${messageOf(error)}. Is this the user that the agent runs as?`, error);
    });
    const generation = generationOf(target);
    return generation === undefined ? undefined : this.#read(generation);
  }

  /** Every complete identity, the newest first. Damaged ones are left out. */
  async all(): Promise<readonly Identity[]> {
    const found = await Promise.all((await this.#numbers()).map((generation) => this.#read(generation)));
    return found.filter((one) => one !== undefined).sort((a, b) => b.generation - a.generation);
  }

  /**
   * The newest generation after the one in use that has a key and its request, so that a request can be repeated with the
   * same key.
   */
  async pending(): Promise<PendingIdentity | undefined> {
    const generation = Math.max(0, ...(await this.#numbers()));
    const folder = this.#folder(generation);
    const [keyPem, request, chain] = await Promise.all(
      [identityFiles.key, identityFiles.request, identityFiles.chain].map((name) =>
        readFile(join(folder, name), 'utf8').catch(() => undefined),
      ),
    );
    if (keyPem === undefined || request === undefined || generation === (await this.current())?.generation) return undefined;
    const fields = parseRequest(request);
    return fields === undefined ? undefined : { generation, keyPem, ...fields, isComplete: chain !== undefined };
  }

  /** Puts a new key and its request on the disk. The key is there before anyone hears of it. */
  async begin(nodeName: string, made: KeyAndCsr): Promise<PendingIdentity> {
    const generation = Math.max(0, ...(await this.#numbers())) + 1;
    const folder = this.#folder(generation);
    await this.#files.makeFolder(this.#root);
    await this.#files.makeFolder(folder);
    await this.#files.writeFile(join(folder, identityFiles.key), made.keyPem);
    await this.#files.writeFile(join(folder, identityFiles.request), `${JSON.stringify({ nodeName, csrPem: made.csrPem })}\n`);
    return { generation, nodeName, ...made, isComplete: false };
  }

  /** Puts the certificate beside its key. Check the chain before. */
  async complete(generation: number, chainPem: string, rootPem: string): Promise<Identity> {
    const folder = this.#folder(generation);
    await this.#files.writeFile(join(folder, identityFiles.root), rootPem);
    await this.#files.writeFile(join(folder, identityFiles.chain), chainPem);
    return readIdentity(folder, generation);
  }

  /** Makes a complete generation the one in use. */
  async activate(generation: number): Promise<void> {
    await this.#files.pointTo(join(this.#root, 'current'), folderName(generation));
  }

  /** Removes a generation that is of no use. */
  async discard(generation: number): Promise<void> {
    await this.#files.removeFolder(this.#folder(generation));
  }

  /** Removes all but the identity in use and the complete one before it. */
  async prune(): Promise<void> {
    const current = await this.current();
    if (current === undefined) return;
    const previous = (await this.all()).find((one) => one.generation < current.generation);
    for (const generation of await this.#numbers()) {
      if (generation !== current.generation && generation !== previous?.generation) await this.discard(generation);
    }
  }

  #folder(generation: number): string {
    return join(this.#root, folderName(generation));
  }

  #read(generation: number): Promise<Identity | undefined> {
    return readIdentity(this.#folder(generation), generation).catch(() => undefined);
  }

  async #numbers(): Promise<readonly number[]> {
    return (await namesIn(this.#root)).map(generationOf).filter((one) => one !== undefined);
  }
}

const folderName = (generation: number): string => `gen-${generation}`;

function generationOf(name: string): number | undefined {
  const digits = /^gen-([1-9]\d{0,8})$/u.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function parseRequest(text: string): { nodeName: string; csrPem: string } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('nodeName' in value) || !('csrPem' in value)) return undefined;
    const { nodeName, csrPem } = value;
    return typeof nodeName === 'string' && typeof csrPem === 'string' ? { nodeName, csrPem } : undefined;
  } catch {
    return undefined;
  }
}
