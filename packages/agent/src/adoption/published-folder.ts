import { createHash, randomBytes } from 'node:crypto';
import { readFile, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makePkcs12 } from '@muster/trust/pkcs12';
import { AgentError, messageOf, systemCodeOf } from '../agent-error.ts';
import { readCertificates, type Root } from '../identity/certificate-chain.ts';
import { durableFiles, type DurableFiles, namesIn } from '../state/durable-files.ts';
import type { Identity } from '../state/identity.ts';

/** What the other services of a host are given. */
export type Published = { readonly identity: Identity; readonly roots: readonly Root[]; readonly nodeName: string };

const othersMayWrite = 0o022;
const [forAll, forGroup, forOwner] = [0o644, 0o640, 0o600];

/**
 * The folder from which other services of the host take the node's certificate: `current` leads to key, certificate and roots that belong
 * together, and is turned in one step. Who may read the key is for the folder's group to say. Without the folder nothing is published.
 */
export class PublishedFolder {
  readonly path: string;
  readonly #files: DurableFiles;
  readonly #passwordPath: string;

  /** The password of the PKCS#12 file is kept in the state folder: services have it in their configuration, so it stays. */
  constructor(path: string, stateDir: string, files: DurableFiles = durableFiles) {
    this.path = path;
    this.#files = files;
    this.#passwordPath = join(stateDir, 'keystore-password');
  }

  /** The stable path, which services have in their configuration. */
  get current(): string {
    return join(this.path, 'current');
  }

  /**
   * Publishes, unless the same is published already; false where there is no folder. Can be repeated after a crash at any step: `current`
   * leads to what is whole. @throws AgentError where the folder cannot be used
   */
  async publish(published: Published): Promise<boolean> {
    const keyMode = await this.#keyMode();
    if (keyMode === undefined) return false;
    const name = nameOf(published);
    const before = await this.#target();
    if (before === name) return true;
    await this.#write(name, published, keyMode);
    await this.#files.pointTo(this.current, name);
    await this.#prune(name, before);
    return true;
  }

  /** Whether there is nothing to publish: it is published already, or there is no folder. @throws AgentError as `publish` does */
  async isUpToDate(published: Published): Promise<boolean> {
    return (await this.#keyMode()) === undefined || (await this.#target()) === nameOf(published);
  }

  async #keyMode(): Promise<number | undefined> {
    const found = await stat(this.path).catch((error: unknown) => {
      if (systemCodeOf(error) === 'ENOENT') return undefined;
      throw new AgentError('failed', `The folder ${this.path} cannot be looked at: ${messageOf(error)}`, error);
    });
    if (found === undefined) return undefined;
    const isOurs = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & othersMayWrite) === 0;
    if (!isOurs)
      throw new AgentError(
        'failed',
        `${this.path} must be a folder that belongs to the user of the agent and that nobody else may write to`,
      );
    return found.gid === process.getgid?.() ? forOwner : forGroup;
  }

  async #target(): Promise<string | undefined> {
    return readlink(this.current).then(basename, () => undefined);
  }

  async #write(name: string, { identity, roots, nodeName }: Published, keyMode: number): Promise<void> {
    const { keyPem, chainPem } = identity;
    const rootsPem = roots.map(({ pem }) => pem).join('');
    const leafPem = readCertificates(chainPem)[0]?.toString() ?? '';
    const password = await this.#password();
    const keystore = await makePkcs12({ keyPem, chainPem, rootsPem, name: nodeName, password });
    const folder = join(this.path, name);
    await this.#files.makeSharedFolder(folder);
    const write = (file: string, content: string | Uint8Array, mode: number) => this.#files.writeFile(join(folder, file), content, mode);
    await write('key.pem', keyPem, keyMode);
    await write('cert.pem', leafPem, forAll);
    await write('chain.pem', chainPem, forAll);
    await write('ca.pem', rootsPem, forAll);
    await write('bundle.pem', keyPem + chainPem, keyMode);
    await write('keystore.p12', keystore, keyMode);
    await write('keystore-password', password, keyMode);
  }

  async #password(): Promise<string> {
    const kept = await readFile(this.#passwordPath, 'utf8').catch(() => '');
    if (/^[A-Za-z0-9_-]{22,}$/u.test(kept)) return kept;
    const made = randomBytes(24).toString('base64url');
    await this.#files.writeFile(this.#passwordPath, made);
    return made;
  }

  /** What was published before stays: whoever has opened `current` may still be reading it. */
  async #prune(current: string, before: string | undefined): Promise<void> {
    for (const name of await namesIn(this.path))
      if (publishedName.test(name) && name !== current && name !== before) await this.#files.removeFolder(join(this.path, name));
  }
}

const publishedName = /^\d+-[0-9a-f]{12}$/u;

/** Tells apart what differs: a new certificate, or the same with other roots. */
function nameOf({ identity, roots }: Published): string {
  const parts = [identity.serial, ...roots.map(({ fingerprint }) => fingerprint).toSorted()];
  return `${identity.generation}-${createHash('sha256').update(parts.join(' ')).digest('hex').slice(0, 12)}`;
}
