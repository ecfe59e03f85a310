import type { AgentMessage, ServerMessage } from '@muster/api/agent';
import { Adoption, type Wanted } from '../adoption/adoption.ts';
import type { AdoptionRecord, AdoptionState } from '../adoption/adoption-state.ts';
import type { HookCall, HookReport } from '../adoption/hooks.ts';
import type { PublishedFolder } from '../adoption/published-folder.ts';
import { messageOf } from '../agent-error.ts';
import type { Clock } from '../clock.ts';
import type { HandOverResult } from '../connection/link.ts';
import { readRoots, type Root } from '../identity/certificate-chain.ts';
import type { Log } from '../log.ts';
import type { DurableFiles } from '../state/durable-files.ts';
import type { Identity } from '../state/identity.ts';
import type { IdentityStore } from '../state/identity-store.ts';
import type { TrustStore } from '../state/trust-store.ts';
import { CertificateRequest } from './certificate-request.ts';
import { Renewer } from './renewer.ts';
import { Rotation, type Rotated } from './rotation.ts';

/** Where the certificate side of an agent keeps things, and what it runs. */
export type CertificatePlaces = {
  readonly stateDir: string;
  readonly store: IdentityStore;
  readonly trust: TrustStore;
  /** What the services of the host were last told. */
  readonly adoptionState: AdoptionState;
  /** From where they take the certificate. */
  readonly published: PublishedFolder;
  readonly runHooks: (call: HookCall) => Promise<readonly HookReport[]>;
  /** Makes a key and its request in the state folder, outside this process. */
  readonly makeKey: (nodeName: string) => Promise<void>;
  readonly files?: DurableFiles;
};

export type NodeCertificatesParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly places: CertificatePlaces;
  /** The node's name as the server last said it. */
  readonly nodeName: () => string;
  /** False when there is no connection. */
  readonly send: (message: AgentMessage) => boolean;
  /** Proves a new identity by a connection of its own, which then replaces the one before. */
  readonly handOver: (identity: Identity) => Promise<HandOverResult>;
};

/** What was on the disk at the start. */
export type CertificateBeginning = {
  readonly first: Identity;
  readonly roots: readonly Root[];
  readonly adopted: AdoptionRecord | undefined;
};

/** The node's certificate, the roots it trusts, and what follows when either changes: for the agent itself and for the services of its host. */
export class NodeCertificates {
  readonly #parts: NodeCertificatesParts;
  readonly #request: CertificateRequest;
  readonly #renewer: Renewer;
  readonly #adoption: Adoption;
  readonly #rotation: Rotation;
  /** As a server told them. */
  #roots: readonly Root[];
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: NodeCertificatesParts, { first, roots, adopted }: CertificateBeginning) {
    const { clock, log, places, nodeName, send, handOver } = parts;
    const { store, makeKey, stateDir, files } = places;
    this.#parts = parts;
    this.#roots = roots;
    this.#request = new CertificateRequest(clock, send);
    const { adoptionState: state, published: folder, runHooks } = places;
    this.#adoption = new Adoption({ clock, log, state, folder, runHooks, send }, adopted);
    const askForCertificate = (csrPem: string) => this.#request.ask(csrPem);
    const following = { roots: () => this.#roots, onRenewed: () => this.#adopt() };
    this.#renewer = new Renewer({ clock, log, store, nodeName, makeKey, askForCertificate, handOver, ...following }, first);
    this.#rotation = new Rotation({
      log,
      stateDir,
      current: () => this.#renewer.current,
      renewNow: () => this.#renewer.renewNow(),
      settled: (serial, signal) => this.#adoption.settled(serial, signal),
      ...(files === undefined ? {} : { files }),
    });
  }

  start(): void {
    this.#adopt();
    this.#renewer.start();
  }

  async stop(): Promise<void> {
    this.#renewer.stop();
    await this.#adoption.stop();
    await this.#saving;
  }

  /** The roots that a server's certificate may lead to, besides that of the identity that is shown to it. */
  rootsPem(): string {
    return this.#roots.map(({ pem }) => pem).join('');
  }

  /** What a hello says of the roots. */
  rootsForHello(): string[] {
    return [...this.#adoption.rootsForHello()];
  }

  /** A server listens. */
  welcomed(): void {
    this.#adoption.welcomed();
  }

  connectionLost(): void {
    this.#request.connectionLost();
  }

  received(message: ServerMessage): void {
    this.#request.answered(message);
    this.#adoption.received(message);
    if (message.type === 'trust') this.#trust(message.rootsPem);
    else if (message.type === 'rotate') void this.#renewAsAsked();
  }

  /** See {@link Rotation.rotate}. */
  rotate(id: string, signal: AbortSignal): Promise<Rotated> {
    return this.#rotation.rotate(id, signal);
  }

  /** The identity in use was turned down and this one was not. */
  useOther(identity: Identity): void {
    const { log, places } = this.#parts;
    log.warn('another identity of this node is in use from now on', { serial: identity.serial });
    this.#renewer.use(identity);
    this.#saving = this.#saving
      .then(() => places.store.activate(identity.generation))
      .then(() => this.#adopt())
      .catch((error: unknown) => log.error('the identity could not be switched on disk', { reason: messageOf(error) }));
  }

  #adopt(): void {
    this.#adoption.use(this.#wanted());
  }

  #wanted(): Wanted {
    return { identity: this.#renewer.current, roots: this.#trusted(), nodeName: this.#parts.nodeName() };
  }

  /** What servers told, and always the root of the identity in use. */
  #trusted(): readonly Root[] {
    const own = readRoots(this.#renewer.current.rootPem);
    return [...this.#roots, ...own.filter((one) => !this.#roots.some((other) => other.fingerprint === one.fingerprint))];
  }

  /** A server says whom to trust from now on: kept first, then used, then told to the services of this host. */
  #trust(rootsPem: string): void {
    const { log, places } = this.#parts;
    this.#saving = this.#saving
      .then(() => places.trust.keep(rootsPem))
      .then((roots) => {
        log.info('these roots are trusted from now on', { roots: roots.map((one) => one.fingerprint).join(' ') });
        this.#roots = roots;
        this.#adoption.useAndAnswer(this.#wanted());
      })
      .catch((error: unknown) => log.error('the roots that the server told could not be kept', { reason: messageOf(error) }));
  }

  /** The server wants another certificate, as when its authority is replaced. It asks again when this did not work. */
  async #renewAsAsked(): Promise<void> {
    const { log } = this.#parts;
    log.info('the server asks for a new certificate');
    await this.#renewer
      .renewNow()
      .catch((error: unknown) => log.warn('the certificate could not be renewed', { reason: messageOf(error) }));
  }
}
