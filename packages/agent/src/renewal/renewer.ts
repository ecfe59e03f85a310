import { AgentError, messageOf } from '../agent-error.ts';
import type { Cancel, Clock } from '../clock.ts';
import type { HandOverResult } from '../connection/link.ts';
import { checkChain, nodeIdOf, readRoots, type Root, rootOfChain } from '../identity/certificate-chain.ts';
import type { Log } from '../log.ts';
import type { Identity } from '../state/identity.ts';
import type { IdentityStore, PendingIdentity } from '../state/identity-store.ts';
import { leastBetweenRenewalsMs, renewalDueAtMs, renewalNowMs, retryRenewalMs, untilNextLookMs } from './renewal-schedule.ts';

export type RenewerParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: IdentityStore;
  /** The node's name as the server last said it. */
  readonly nodeName: () => string;
  /** Makes a key and its request in the store's folder, for the node of this name. */
  readonly makeKey: (nodeName: string) => Promise<void>;
  readonly askForCertificate: (csrPem: string) => Promise<string>;
  /** Proves a new identity by a connection of its own, which then replaces the one before. */
  readonly handOver: (identity: Identity) => Promise<HandOverResult>;
  /** The roots a new certificate may lead to, besides that of the one in use. */
  readonly roots: () => readonly Root[];
  /** Another identity is in use from now on, on the disk too. */
  readonly onRenewed: (identity: Identity) => void;
};

/**
 * Renews the node's certificate in time: new key, new certificate beside the old one, a connection that proves it, and only
 * then the switch. Every step can be the last before a crash; the next start goes on from what is on the disk.
 */
export class Renewer {
  readonly #parts: RenewerParts;
  readonly #startWallMs: number;
  readonly #startMs: number;
  #current: Identity;
  #renewedAtMs: number | undefined;
  #failures = 0;
  #renewing: Promise<Identity> | undefined;
  #cancel: Cancel = () => undefined;
  #stopped = false;

  constructor(parts: RenewerParts, current: Identity) {
    this.#parts = parts;
    this.#current = current;
    this.#startWallMs = parts.clock.wallMs();
    this.#startMs = parts.clock.monotonicMs();
  }

  start(): void {
    this.#lookIn(untilNextLookMs(this.#nowMs(), renewalDueAtMs(this.#current)));
  }

  /** The identity in use. */
  get current(): Identity {
    return this.#current;
  }

  /** Another identity of this node is in use from now on. */
  use(identity: Identity): void {
    if (identity.serial === this.#current.serial) return;
    this.#current = identity;
    this.start();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #nowMs(): number {
    const { clock } = this.#parts;
    return renewalNowMs(clock.wallMs(), this.#startWallMs, clock.monotonicMs() - this.#startMs);
  }

  #lookIn(delayMs: number): void {
    this.#cancel();
    if (!this.#stopped) this.#cancel = this.#parts.clock.after(delayMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { clock } = this.#parts;
    const now = this.#nowMs();
    const sinceLastMs = this.#renewedAtMs === undefined ? Infinity : clock.monotonicMs() - this.#renewedAtMs;
    const waitMs = Math.max(renewalDueAtMs(this.#current) - now, leastBetweenRenewalsMs(this.#current) - sinceLastMs);
    if (waitMs > 0) return this.#lookIn(untilNextLookMs(now, now + waitMs));
    await this.#renew();
  }

  async #renew(): Promise<void> {
    const { clock, log } = this.#parts;
    const before = this.#current;
    try {
      await this.renewNow();
    } catch (error) {
      const delayMs = retryRenewalMs(this.#failures, before, clock.random);
      this.#failures += 1;
      const expires = new Date(before.notAfterMs).toISOString();
      log.warn('the certificate could not be renewed', { reason: messageOf(error), expires, retrySeconds: Math.round(delayMs / 1000) });
      this.#lookIn(delayMs);
    }
  }

  /** Gets a new certificate now, whatever the age of the one in use; joins a renewal that is under way. Throws an `AgentError`. */
  renewNow(): Promise<Identity> {
    this.#renewing ??= this.#switch().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #switch(): Promise<Identity> {
    const { clock, log, onRenewed } = this.#parts;
    const identity = await this.renewOnce();
    this.#failures = 0;
    this.#renewedAtMs = clock.monotonicMs();
    log.info('certificate renewed', { serial: identity.serial, expires: new Date(identity.notAfterMs).toISOString() });
    this.#current = identity;
    this.start();
    onRenewed(identity);
    return identity;
  }

  /** One whole renewal. Throws an `AgentError`; what was reached stays for the next try. */
  async renewOnce(): Promise<Identity> {
    const { store, log, handOver } = this.#parts;
    const identity = (await this.#unproven()) ?? (await this.#fetch(await this.#pending()));
    const result = await handOver(identity);
    // A server that dies in the middle of it ends the connection without a word: only what a server says is a refusal.
    if (result === 'refused') {
      await store.discard(identity.generation);
      throw new AgentError('refused', 'The server did not accept the new certificate; the old one stays in use');
    }
    if (result !== 'welcome') throw new AgentError('unreachable', `The new certificate could not be proven: ${result}`);
    await store.activate(identity.generation);
    await store.prune().catch((error: unknown) => log.warn('old identities could not be removed', { reason: messageOf(error) }));
    return identity;
  }

  /** A renewal that a crash or a lost server cut off after its certificate had come. */
  async #unproven(): Promise<Identity | undefined> {
    const pending = await this.#parts.store.pending();
    if (pending?.isComplete !== true) return undefined;
    return (await this.#parts.store.all()).find((one) => one.generation === pending.generation && one.nodeId === this.#current.nodeId);
  }

  async #pending(): Promise<PendingIdentity> {
    const { store, makeKey, nodeName } = this.#parts;
    const before = await store.pending();
    if (before?.isComplete === false && before.nodeName === nodeName()) return before;
    await makeKey(nodeName());
    const made = await store.pending();
    if (made === undefined || made.isComplete) throw new AgentError('failed', 'The new key is not in the state folder');
    return made;
  }

  async #fetch(pending: PendingIdentity): Promise<Identity> {
    const { store, askForCertificate, roots } = this.#parts;
    const { rootPem, nodeId } = this.#current;
    try {
      const chainPem = await askForCertificate(pending.csrPem);
      const { pem } = rootOfChain(chainPem, [...roots(), ...readRoots(rootPem)]);
      const leaf = checkChain({ keyPem: pending.keyPem, chainPem, rootPem: pem });
      if (nodeIdOf(leaf) !== nodeId) throw new AgentError('failed', 'The server answered with a certificate for another node');
      return await store.complete(pending.generation, chainPem, pem);
    } catch (error) {
      // Whatever was wrong with this request would be wrong with it again.
      const canBeRepeated = error instanceof AgentError && error.code === 'unreachable';
      if (!canBeRepeated) await store.discard(pending.generation);
      throw error;
    }
  }
}
