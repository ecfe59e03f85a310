import type { AgentMessage, ServerMessage } from '@muster/api/agent';
import { messageOf } from '../agent-error.ts';
import type { Cancel, Clock } from '../clock.ts';
import type { Root } from '../identity/certificate-chain.ts';
import type { Log } from '../log.ts';
import type { Identity } from '../state/identity.ts';
import type { AdoptionRecord, AdoptionState } from './adoption-state.ts';
import type { HookCall, HookReport } from './hooks.ts';
import type { PublishedFolder } from './published-folder.ts';

export type AdoptionParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly state: AdoptionState;
  readonly folder: PublishedFolder;
  readonly runHooks: (call: HookCall) => Promise<readonly HookReport[]>;
  /** False when there is no connection. */
  readonly send: (message: AgentMessage) => boolean;
};

/** What the services of the host should use. */
export type Wanted = { readonly identity: Identity; readonly roots: readonly Root[]; readonly nodeName: string };

const retryMs = 60_000;

type Waiting = { readonly serial: string; readonly settle: (hooks: readonly HookReport[]) => void };

/**
 * Sees to it that what else runs on this host takes the certificate that the agent uses, and the roots it trusts: publishes them, runs the
 * hooks, and tells the server until that has ended the older certificates. Compares what is wanted with what was done last and does the
 * rest, so a crash at any step only means that it is done at the next start.
 */
export class Adoption {
  readonly #parts: AdoptionParts;
  #record: AdoptionRecord | undefined;
  #wanted: Wanted | undefined;
  #working: Promise<void> | undefined;
  #again = false;
  /** The roots that the server of this connection knows of. */
  #rootsSaid: string | undefined;
  #cancelRetry: Cancel = () => undefined;
  #waiting: readonly Waiting[] = [];
  #stopped = false;

  constructor(parts: AdoptionParts, record: AdoptionRecord | undefined) {
    this.#parts = parts;
    this.#record = record;
  }

  /** What a hello says of the roots: those that the services were told to trust; before the first time, those that are wanted. */
  rootsForHello(): readonly string[] {
    const wanted = this.#wanted === undefined ? [] : keyOf(this.#wanted).roots;
    const roots = this.#record?.roots ?? wanted;
    this.#rootsSaid = roots.join();
    return roots;
  }

  /** This is in use from now on. */
  use(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#work();
  }

  /** The same, because a server asked: it is answered also when nothing is new. */
  useAndAnswer(wanted: Wanted): void {
    this.#rootsSaid = undefined;
    this.use(wanted);
  }

  /** A server listens: what it does not know yet is said. */
  welcomed(): void {
    this.#tell();
  }

  received(message: ServerMessage): void {
    if (message.type !== 'certificate-settled') return;
    const record = this.#record;
    if (record?.serial !== message.serial.toLowerCase()) return;
    this.#settled(record);
    if (!record.settled) this.#keep({ ...record, settled: true });
  }

  /** Resolves, with what the hooks answered, when this certificate is the only one of this node that counts. */
  settled(serial: string, signal: AbortSignal): Promise<readonly HookReport[]> {
    const wantedSerial = serial.toLowerCase();
    if (this.#record?.serial === wantedSerial && this.#record.settled) return Promise.resolve(this.#record.hooks);
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        reject(signal.reason instanceof Error ? signal.reason : new Error('ended while it waited for the older certificate to end'));
      };
      const settle = (hooks: readonly HookReport[]): void => {
        signal.removeEventListener('abort', stop);
        resolve(hooks);
      };
      const waiting = { serial: wantedSerial, settle };
      this.#waiting = [...this.#waiting, waiting];
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRetry();
    await this.#working;
  }

  #settled({ serial, hooks }: AdoptionRecord): void {
    const ready = this.#waiting.filter((one) => one.serial === serial);
    this.#waiting = this.#waiting.filter((one) => one.serial !== serial);
    for (const { settle } of ready) settle(hooks);
  }

  /** One round at a time; what is wanted meanwhile is looked at when it is over. */
  #work(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#working ??= this.#rounds().finally(() => {
      this.#working = undefined;
    });
  }

  async #rounds(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      await this.#round().catch((error: unknown) => this.#failed(error));
    }
  }

  #failed(error: unknown): void {
    const { clock, log } = this.#parts;
    const reason = messageOf(error);
    log.error('the services of this host could not be told of the certificate; tried again in a minute', { reason });
    const serial = this.#wanted?.identity.serial.toLowerCase();
    if (serial !== undefined)
      this.#parts.send({ type: 'certificate-taken', serial, hooks: [{ name: 'publish', ok: false, message: reason.slice(0, 1000) }] });
    this.#cancelRetry();
    this.#cancelRetry = clock.after(retryMs, () => this.#work());
  }

  async #round(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    const key = keyOf(wanted);
    const { folder, runHooks, log } = this.#parts;
    // The folder may have been made since, by somebody whose services are to use it.
    if (this.#record !== undefined && sameKey(this.#record, key) && (await folder.isUpToDate(wanted))) return this.#tell();
    const isPublished = await folder.publish(wanted);
    const hooks = isPublished ? await runHooks({ publishedFolder: folder.current, nodeName: wanted.nodeName }) : [];
    for (const { name, ok, message } of hooks) log[ok ? 'info' : 'warn']('hook ended', { hook: name, ok, message });
    if (isPublished)
      log.info('published for the services of this host', { folder: folder.current, serial: key.serial, roots: key.roots.length });
    const settled = isSettled(this.#record, key.serial) && hooks.every((one) => one.ok);
    await this.#keepNow({ ...key, hooks, settled });
    this.#tell();
  }

  #tell(): void {
    const record = this.#record;
    if (record === undefined) return;
    const { serial, hooks, roots, settled } = record;
    if (roots.join() !== this.#rootsSaid && this.#parts.send({ type: 'trusts', roots: [...roots] })) this.#rootsSaid = roots.join();
    if (!settled) this.#parts.send({ type: 'certificate-taken', serial, hooks: [...hooks] });
  }

  async #keepNow(record: AdoptionRecord): Promise<void> {
    await this.#parts.state.write(record);
    this.#record = record;
  }

  #keep(record: AdoptionRecord): void {
    this.#record = record;
    this.#parts.state
      .write(record)
      // It is said once more after the next start, and no harm is done.
      .catch((error: unknown) =>
        this.#parts.log.warn('it could not be kept that the certificate has settled', { reason: messageOf(error) }),
      );
  }
}

const keyOf = ({ identity, roots }: Wanted): Pick<AdoptionRecord, 'serial' | 'roots'> => ({
  serial: identity.serial.toLowerCase(),
  roots: roots.map((one) => one.fingerprint).toSorted(),
});

const isSettled = (record: AdoptionRecord | undefined, serial: string): boolean => record?.serial === serial && record.settled;

const sameKey = (a: Pick<AdoptionRecord, 'serial' | 'roots'>, b: Pick<AdoptionRecord, 'serial' | 'roots'>): boolean =>
  a.serial === b.serial && a.roots.join() === b.roots.join();
