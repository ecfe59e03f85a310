import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Node, problem } from '@muster/api';
import { explainSol, solInputOf } from '@muster/core';
import type { KeptController, Store } from '@muster/store';
import type { SecretSealer } from '../identity/secret-sealer.ts';
import { type ConsoleBackend, type ConsoleEvents, type ConsoleLine, noConsole } from './console-backend.ts';

export type IpmiBackendParts = {
  readonly store: { readonly controllers: Pick<Store['controllers'], 'find'> };
  readonly sealer: SecretSealer;
};

/** For what a controller's password is sealed. */
export const controllerPurpose = (nodeId: string): string => `controller ${nodeId}`;

/**
 * ipmitool wants a terminal, which `script` gives it. Both are killed with whoever started them (`--pdeathsig`), so that a server that was
 * killed leaves neither behind. The terminal is raw from the start: what is typed at once must not wait for a line. Where and as whom stands in the environment, never in the text of the command.
 */
const activate =
  'stty raw -echo; exec setpriv --pdeathsig KILL -- ipmitool -v -C 3 -N 2 -R 3 -I lanplus -H "$BMC_ADDRESS" -p "$BMC_PORT" -U "$BMC_USER" -E sol activate';
const solWords = (...words: readonly string[]): readonly string[] => [...['-C', '3', '-N', '2', '-R', '3', '-I', 'lanplus'], ...words];
const operational = '[SOL Session operational.';
/** So long may a controller take to open the session. */
const openMs = 30_000;
/** So long may ipmitool take to end the session it leaves behind; then it is killed. */
const deactivateMs = 10_000;

/** The serial console that a management controller gives over the network (serial over LAN), by ipmitool. */
export function ipmiBackend({ store, sealer }: IpmiBackendParts): ConsoleBackend {
  return {
    open: async ({ node, endOther }, events, signal) => {
      const controller = await controllerOf(store, node);
      const access = {
        controller,
        environment: environmentOf(controller, sealer.open(controllerPurpose(node.id), controller.sealedPassword)),
      };
      if (endOther) await deactivate(access);
      const line = new SolLine(access, events);
      await line.opened(signal);
      return line;
    },
  };
}

/** @throws ProblemError */
export async function controllerOf(store: IpmiBackendParts['store'], node: Node): Promise<KeptController> {
  const controller = await store.controllers.find(node.id);
  if (controller !== undefined) return controller;
  throw problem('not-possible-now', `No management controller of ${node.name} is known any more.`);
}

type Access = { readonly controller: KeptController; readonly environment: Record<string, string> };

const environmentOf = ({ address, port, user }: KeptController, password: string): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
  // `script` runs its command with this one.
  SHELL: '/bin/sh',
  TERM: 'dumb',
  LC_ALL: 'C',
  BMC_ADDRESS: address,
  BMC_PORT: String(port),
  BMC_USER: user,
  IPMI_PASSWORD: password,
});

/** Ends the session that the controller has with whoever. Not that there was none is what matters, but that there is none. */
async function deactivate({ controller, environment }: Access): Promise<void> {
  const { address, port, user } = controller;
  const words = solWords('-H', address, '-p', String(port), '-U', user, '-E', 'sol', 'deactivate');
  const child = spawn('ipmitool', words, { env: environment, stdio: 'ignore', timeout: deactivateMs, killSignal: 'SIGKILL' });
  await Promise.race([once(child, 'close'), once(child, 'error')]).catch(() => undefined);
}

/** One session of serial over LAN. */
class SolLine implements ConsoleLine {
  readonly #access: Access;
  readonly #events: ConsoleEvents;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #ready = Promise.withResolvers<void>();
  #said = '';
  #isOpen = false;
  #isClosed = false;
  #atLineStart = true;

  constructor(access: Access, events: ConsoleEvents) {
    this.#access = access;
    this.#events = events;
    const words = ['--pdeathsig', 'KILL', '--', 'script', '-qefc', activate, '/dev/null'];
    this.#child = spawn('setpriv', words, { env: access.environment, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdout?.on('data', (bytes: Buffer) => this.#output(bytes));
    this.#child.stderr?.on('data', (bytes: Buffer) => this.#output(bytes));
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#said += `${error.message}: not found`;
        resolve();
      });
      this.#child.once('close', () => resolve());
    });
    void this.#ended.then(() => this.#over());
  }

  /** Resolves when the session is there. @throws ProblemError `node-unavailable` */
  async opened(signal: AbortSignal): Promise<void> {
    const giveUp = AbortSignal.any([signal, AbortSignal.timeout(openMs)]);
    const onAbort = () => this.#ready.reject(noConsole(this.#explained(this.#said)));
    giveUp.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#ready.promise;
    } catch (error) {
      await this.#kill();
      throw error;
    } finally {
      giveUp.removeEventListener('abort', onAbort);
    }
  }

  write(bytes: Uint8Array): void {
    const input = solInputOf(bytes, this.#atLineStart);
    this.#atLineStart = input.atLineStart;
    this.#child.stdin?.write(input.bytes);
  }

  resize(): void {
    // A serial line has no size.
  }

  /** What ipmitool leaves open on the controller is ended by another call of it: a signal only ends the program. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#kill();
    await deactivate(this.#access);
  }

  #output(bytes: Buffer): void {
    if (this.#isOpen) return void (this.#isClosed || this.#events.onOutput(bytes));
    this.#said = (this.#said + bytes.toString('latin1')).slice(-10_000);
    const at = this.#said.indexOf(operational);
    const end = at < 0 ? -1 : this.#said.indexOf('\n', at);
    if (end < 0) return;
    this.#isOpen = true;
    this.#ready.resolve();
    const rest = Buffer.from(this.#said.slice(end + 1), 'latin1');
    if (rest.length > 0) this.#events.onOutput(rest);
  }

  #over(): void {
    if (!this.#isOpen) return this.#ready.reject(noConsole(this.#explained(this.#said)));
    if (this.#isClosed) return;
    // Whoever has taken the session from this one has it now: it is not ended here.
    this.#isClosed = true;
    const { nodeName, address } = this.#access.controller;
    this.#events.onEnd(`${nodeName}: the serial console of its management controller at ${address} has ended.`);
  }

  #explained(said: string): string {
    return explainSol(said, this.#access.controller);
  }

  /** `script` first of all would tell the node, by a Ctrl-D, that its input has ended: so it gets no end but this. */
  async #kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
