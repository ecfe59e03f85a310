import { type ConsoleKind, type Event, type Node, type OpenConsole as OpenOne, problem } from '@muster/api';
import type { ConsoleChoice, Log } from '@muster/core';
import type { ConsoleHold, ConsoleHolder, Store } from '@muster/store';
import type { ConsoleBackend, ConsolePlace } from './console-backend.ts';
import { OpenConsole, type Watcher } from './open-console.ts';
import { noRecording, type Recorder } from './recorder.ts';

export type ConsoleHubParts = {
  readonly store: { readonly consoles: Pick<Store['consoles'], 'take' | 'renew' | 'release'> };
  readonly backends: Readonly<Record<ConsoleKind, ConsoleBackend>>;
  /** How a node's console is reached. */
  readonly choose: (node: Node) => Promise<ConsoleChoice>;
  readonly holder: ConsoleHolder;
  readonly log: Log;
  /** Undefined: nothing is recorded. */
  readonly recorder?: Recorder;
  readonly times?: typeof usualTimes;
};

const usualTimes = { lingerMs: 3000, renewMs: 5000, holdSeconds: 20 };

/** How somebody comes to a console. */
export type Visit = ConsolePlace & { readonly takes: boolean };

/** Another server of the pool has the console open. */
export class ConsoleElsewhere extends Error {
  override readonly name = 'ConsoleElsewhere';
  readonly open: OpenOne;
  constructor(open: OpenOne) {
    const { nodeName, serverName, serverUrl } = open;
    super(
      `The console of ${nodeName} is open on the server ${serverName} of this pool. Open it there${serverUrl === null ? '' : `: ${serverUrl}`}.`,
    );
    this.open = open;
  }
}

/** The consoles this server holds: each begins with the first who watches and ends soon after the last. */
export class ConsoleHub {
  readonly #parts: ConsoleHubParts;
  readonly #times: typeof usualTimes;
  readonly #consoles = new Map<string, { readonly console: OpenConsole; readonly ready: Promise<void> }>();
  readonly #stopping = new AbortController();

  constructor(parts: ConsoleHubParts) {
    this.#parts = parts;
    this.#times = parts.times ?? usualTimes;
  }

  /**
   * Lets somebody watch, and opens the console when it is not.
   * @throws ProblemError `not-possible-now` where the node has none, `node-unavailable`; ConsoleElsewhere; StoreUnavailable
   */
  async visit(visit: Visit, watcher: Watcher): Promise<OpenConsole> {
    for (;;) {
      if (this.#stopping.signal.aborted) throw problem('node-unavailable', 'This server is going down. Use another one, or try again.');
      const kept = this.#consoles.get(visit.node.id) ?? (await this.#begin(visit));
      await kept.ready;
      if (kept.console.join(watcher, visit.takes)) return kept.console;
      await kept.console.over;
    }
  }

  /** Tells it what happened: a node that was removed has no console. */
  apply({ kind, nodeId, nodeName }: Event): void {
    if (kind !== 'node-removed' || nodeId === null) return;
    void this.#consoles.get(nodeId)?.console.end(`${nodeName ?? 'The node'} was removed.`);
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#consoles.values()].map(({ console }) => console.end('The server is going down.')));
  }

  async #begin(visit: Visit) {
    const choice = await this.#parts.choose(visit.node);
    if ('reason' in choice) throw problem('not-possible-now', choice.reason);
    // Somebody else may have begun meanwhile.
    const there = this.#consoles.get(visit.node.id);
    if (there !== undefined) return there;
    const given: { back: () => Promise<void> } = { back: async () => undefined };
    const console = new OpenConsole({
      nodeName: visit.node.name,
      kind: choice.kind,
      lingerMs: this.#times.lingerMs,
      onOver: async () => {
        await given.back();
        if (this.#consoles.get(visit.node.id)?.console === console) this.#consoles.delete(visit.node.id);
      },
    });
    const ready = this.#open(visit, console, given);
    // Whoever waits for it is told; without anybody it is no unhandled rejection.
    ready.catch(() => undefined);
    const kept = { console, ready };
    this.#consoles.set(visit.node.id, kept);
    return kept;
  }

  async #open(visit: Visit, console: OpenConsole, given: { back: () => Promise<void> }): Promise<void> {
    const { backends, log } = this.#parts;
    try {
      const hold = await this.#hold(visit.node, console.kind);
      const stopRenewing = this.#renew(hold, console);
      let recording = noRecording;
      given.back = async () => {
        stopRenewing();
        await recording.end();
        await this.#release(hold);
        log.info({ node: console.nodeName, kind: console.kind }, 'a console was closed');
      };
      recording = (await this.#parts.recorder?.begin(visit)) ?? noRecording;
      const onOutput = (bytes: Uint8Array) => {
        recording.output(bytes);
        console.output(bytes);
      };
      const onEnd = (message: string) => void console.end(message);
      console.began(await backends[console.kind].open(visit, { onOutput, onEnd }, this.#stopping.signal));
      log.info({ node: console.nodeName, kind: console.kind }, 'a console was opened');
    } catch (error) {
      await console.end('It did not open.');
      throw error;
    }
  }

  async #hold(node: Node, kind: ConsoleKind): Promise<ConsoleHold> {
    const { store, holder } = this.#parts;
    const taken = await store.consoles.take(node.id, holder, kind, this.#times.holdSeconds);
    if ('hold' in taken) return taken.hold;
    throw new ConsoleElsewhere(taken.heldBy);
  }

  /**
   * While the database is away nobody else can take it either, and a person may sit at it to mend just that: so only a clear word that another
   * has it ends it.
   */
  #renew(hold: ConsoleHold, console: OpenConsole): () => void {
    const { store } = this.#parts;
    const round = async () => {
      const isHeld = await store.consoles.renew(hold, console.viewers, this.#times.holdSeconds).catch(() => true);
      if (!isHeld) await console.end('Another server of the pool has taken this console.');
    };
    const timer = setInterval(() => void round(), this.#times.renewMs);
    return () => clearInterval(timer);
  }

  /** One that is not given back runs out by itself. */
  async #release(hold: ConsoleHold): Promise<void> {
    await this.#parts.store.consoles.release(hold).catch((error: unknown) => {
      this.#parts.log.warn({ error: String(error) }, 'it could not be written down that a console is free');
    });
  }
}
