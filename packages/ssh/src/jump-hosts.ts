import type { Connection } from './connection.ts';
import type { ResolvedLogin } from './host-login.ts';
import { Slots } from './slots.ts';
import type { HostIdentity } from './ssh-error.ts';
import { hopFailedError, type Way, wayThrough } from './way.ts';

/** Logins under way behind one jump host: sshd begins to drop them at random from the tenth on (MaxStartups 10:30:100). */
const LOGINS_AT_A_TIME = 8;
/** How long a jump host is kept that no host needs: the next one of a fan-out mostly comes at once. */
const LINGER_MS = 300;

/** Opens a connection, through a way when one is given. */
export type Open = (way: Way | undefined) => Promise<Connection>;

interface Jump {
  readonly host: HostIdentity;
  readonly connection: Promise<Connection>;
  readonly logins: Slots;
  users: number;
  lingering?: NodeJS.Timeout | undefined;
}

/** The connections to jump hosts: one for each, shared by all hosts behind it, closed after the last of them. */
export class JumpHosts {
  readonly #openHop: (hop: ResolvedLogin, way: Way | undefined) => Promise<Connection>;
  readonly #jumps = new Map<string, Jump>();

  constructor(openHop: (hop: ResolvedLogin, way: Way | undefined) => Promise<Connection>) {
    this.#openHop = openHop;
  }

  /** Opens a host behind the last of `route`, which begins with the hop that is dialled. An empty route leads straight to it. */
  async through(route: readonly ResolvedLogin[], host: HostIdentity, open: Open): Promise<Connection> {
    const last = route.at(-1);
    if (last === undefined) {
      return await open(undefined);
    }
    const [jump, leave] = this.#enter(route, last);
    try {
      const gate = await jump.connection.catch((error: unknown) => {
        throw hopFailedError(host, jump.host, error);
      });
      const connection = await jump.logins.hold(() => open(wayThrough(gate, host)));
      return leavingAtTheEnd(connection, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  #enter(route: readonly ResolvedLogin[], last: ResolvedLogin): [jump: Jump, leave: () => void] {
    const key = route.map(({ target }) => `${target.user}@${target.address}:${target.port}`).join(' ');
    const jump = this.#jumps.get(key) ?? this.#begin(key, route, last);
    clearTimeout(jump.lingering);
    jump.users += 1;
    let isIn = true;
    const leave = (): void => {
      if (isIn) {
        isIn = false;
        this.#leave(key, jump);
      }
    };
    return [jump, leave];
  }

  #begin(key: string, route: readonly ResolvedLogin[], last: ResolvedLogin): Jump {
    const connection = this.through(route.slice(0, -1), last.target, (way) => this.#openHop(last, way));
    const jump: Jump = { host: last.target, connection, logins: new Slots(LOGINS_AT_A_TIME), users: 0 };
    this.#jumps.set(key, jump);
    // Whoever comes after it was lost, or could not be opened, tries anew.
    const forget = (): void => this.#forget(key, jump);
    connection.then((gate) => gate.closed.then(forget), forget);
    return jump;
  }

  #leave(key: string, jump: Jump): void {
    jump.users -= 1;
    if (jump.users === 0) {
      jump.lingering = setTimeout(() => {
        this.#forget(key, jump);
        jump.connection.then((gate) => gate.close()).catch(() => undefined);
      }, LINGER_MS);
    }
  }

  #forget(key: string, jump: Jump): void {
    if (this.#jumps.get(key) === jump) {
      this.#jumps.delete(key);
    }
  }
}

/** The same connection, which leaves its jump host when it is closed or lost. */
function leavingAtTheEnd(connection: Connection, leave: () => void): Connection {
  void connection.closed.then(leave);
  return {
    ...connection,
    close: async () => {
      await connection.close();
      // A stream whose jump host went first may be past telling that it is closed.
      leave();
    },
  };
}
