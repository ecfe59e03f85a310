import type { Node, OpenConsole } from '@muster/api';
import type { Store } from '@muster/store';
import type { WebSocket } from 'ws';
import type { Asker } from '../members/carried-session.ts';
import { type MemberChannel, MemberUnreachable } from '../members/member-channel.ts';
import { ConsoleRelay, type ConsoleRelayParts } from './console-relay.ts';

export type ConsolesElsewhereParts = {
  readonly channel: MemberChannel;
  readonly store: { readonly consoles: Pick<Store['consoles'], 'find'> };
};

/** Somebody who is to be led to a console: his connection, and what he asked for. */
export type Traveller = Asker &
  Pick<ConsoleRelayParts, 'mayStay'> & {
    readonly node: Pick<Node, 'id' | 'name'>;
    /** The query of his request, with its question mark; empty for none. */
    readonly search: string;
  };

/** A connection to the member that holds a console. */
export type ReachedConsole = { readonly far: WebSocket; readonly open: OpenConsole };

/** Consoles that other members hold: whoever asks for one here is led there, and stays connected to this server. */
export class ConsolesElsewhere {
  readonly #parts: ConsolesElsewhereParts;
  readonly #relays = new Set<ConsoleRelay>();
  #isStopping = false;

  constructor(parts: ConsolesElsewhereParts) {
    this.#parts = parts;
  }

  /**
   * A connection for somebody to the member that holds the console, where another one does and can be asked; else undefined. Given back to
   * `join`, or closed. @throws StoreUnavailable
   */
  async reach({ node, search, session, from }: Traveller, known?: OpenConsole): Promise<ReachedConsole | undefined> {
    const { channel, store } = this.#parts;
    const open = known ?? (await store.consoles.find(node.id));
    if (open === undefined || channel.isSelf(open.serverId) || this.#isStopping) return undefined;
    try {
      const path = `/nodes/${encodeURIComponent(node.name)}/console${search}`;
      return { far: await channel.openSocket(open.serverId, { path, session, from }), open };
    } catch (error) {
      if (error instanceof MemberUnreachable) return undefined;
      throw error;
    }
  }

  /** From here on what either side says goes to the other. */
  join(near: WebSocket, { far, open }: ReachedConsole, { mayStay }: Traveller): void {
    const relay = new ConsoleRelay(near, far, { holderName: open.serverName, mayStay });
    this.#relays.add(relay);
    void relay.over.then(() => this.#relays.delete(relay));
    if (this.#isStopping) relay.end(going);
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const relay of this.#relays) relay.end(going);
    await Promise.all([...this.#relays].map(({ over }) => over));
  }
}

const going = 'The server is going down.';
