import type { Event, Member, MemberCertificate } from '@muster/api';
import { type Clock, type Log, poolTimes } from '@muster/core';
import { MemberSuperseded, type MemberSign, type Store } from '@muster/store';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../start-error.ts';

export type PoolViewParts = {
  readonly store: Pick<Store, 'members' | 'presence'>;
  readonly self: Pick<MemberSign, 'id' | 'run' | 'name' | 'zone' | 'version' | 'agentAddresses' | 'panelUrl'>;
  /** Nodes that are connected here. */
  readonly nodes: () => readonly string[];
  /** Lets all agents go to other servers. */
  readonly letGo: () => void;
  /** Whether any of these servers says that its database takes writes. */
  readonly othersWork: (others: readonly Member[]) => Promise<boolean>;
  /** Of this server, as they are now. */
  readonly certificates: () => Promise<readonly MemberCertificate[]>;
  readonly clock: Clock;
  readonly log: Log;
  /** Members came, went, or are reached elsewhere. */
  readonly onChange: () => void;
};

/** Longer than a fail-over of the database may take: before that, waiting is better than a crowd of agents on their way. */
const letGoAfterMs = 35_000;
/** From then on the others hold this server to be gone. Where they work, the database is not away: only this server is cut off from it. */
const letGoSoonAfterMs = poolTimes.lost * 1000;
/** After a fail-over one server finds the new primary a moment before the other: that alone is no sign of being cut off. */
const steadyMs = 3000;

/** How often it is looked whether another process of this server still gives signs. */
const lookEveryMs = 500;
/** Longer than one that was killed counts as one: what is heard then is alive. */
const enterPatienceMs = 1000 * (poolTimes.orphan + 2);

/** Says every second that this server is there, and keeps in mind who else is. */
export class PoolView {
  readonly #parts: PoolViewParts;
  #members: readonly Member[] = [];
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #failing = false;
  #isStopped = false;
  #signedAtMs = 0;
  #hasLetGo = false;
  #othersWorkSinceMs: number | undefined;
  /** Resolves when another process has taken the place of this one, which must end then. */
  readonly superseded: Promise<Error>;
  readonly #give: (error: Error) => void;

  constructor(parts: PoolViewParts) {
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.superseded = promise;
    this.#give = resolve;
  }

  /**
   * Takes this server's place in the pool, before anything is written in its name. A process that was killed a moment ago still has it, and is
   * waited for. @throws StartError when another one works there, StoreUnavailable
   */
  async enter(): Promise<void> {
    const { store, clock } = this.#parts;
    const untilMs = clock.monotonicMs() + enterPatienceMs;
    for (;;) {
      const entered = await store.members.enter(await this.#signOf(0));
      if (entered !== 'taken') return;
      if (clock.monotonicMs() >= untilMs) throw new StartError(await this.#whoIsThere());
      await sleep(lookEveryMs);
    }
  }

  async #signOf(agents: number): Promise<MemberSign> {
    const { self, certificates, clock } = this.#parts;
    return { ...self, agents, certificates: await certificates(), wallMs: clock.wallMs() };
  }

  async #whoIsThere(): Promise<string> {
    const { store, self } = this.#parts;
    const other = (await store.members.list()).find(({ id }) => id === self.id);
    const where = other === undefined ? '' : ` as ${other.name} (${other.panelUrl}, since ${other.startedAt})`;
    return (
      `Another process works with the id of this server (${self.id})${where}. This one ends, and has changed nothing. ` +
      'Is it the same machine, stop the other one first; was the data folder copied from there, remove the file server-id from this one: the server then gets an id of its own.'
    );
  }

  /** The first sign is given when this has resolved. @throws StoreUnavailable */
  async start(): Promise<void> {
    await this.tick();
    this.#timer = setInterval(() => this.#run(), poolTimes.sign * 1000);
  }

  /** Says that this server goes, so that nobody waits for it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#round;
    const { store, self, log } = this.#parts;
    await store.members
      .leave(self.id, self.run)
      .catch((error: unknown) => log.warn({ error: String(error) }, 'the other servers could not be told'));
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  /** How long ago the members were as `members` says. */
  get ageMs(): number {
    return this.#parts.clock.monotonicMs() - this.#signedAtMs;
  }

  /** Whether there is another server that is not held to be gone. */
  get hasOthers(): boolean {
    return this.#others().length > 0;
  }

  /** How agents reach the pool: this server first, then the others that are there and take nodes, then the rest. */
  get agentAddresses(): string[] {
    const { self } = this.#parts;
    const rank = ({ lostAt, state }: Member) => (lostAt === null ? (state === 'active' ? 0 : 1) : 2);
    const others = this.#members.filter(({ id }) => id !== self.id).toSorted((a, b) => rank(a) - rank(b));
    return [...new Set([...self.agentAddresses, ...others.flatMap((one) => one.agentAddresses)])];
  }

  /** Looks again when an event tells of members. */
  apply({ kind }: Event): void {
    if (kind.startsWith('member-')) this.#run();
  }

  /** One round: a sign of life, and a look at the others. Called by the timer; tests call it themselves. @throws StoreUnavailable */
  async tick(): Promise<void> {
    const { store, self, nodes, clock, onChange } = this.#parts;
    const sign = await store.members.sign(await this.#signOf(nodes().length));
    if (sign === 'returned') await store.presence.claim(nodes(), self.id);
    this.#signedAtMs = clock.monotonicMs();
    this.#hasLetGo = false;
    this.#othersWorkSinceMs = undefined;
    const before = shapeOf(this.#members);
    this.#members = await store.members.list();
    if (shapeOf(this.#members) !== before) onChange();
  }

  /** Once for each time that it is cut off: where everybody is, nobody takes the agents, and they are back when the database is. */
  async #letGo(): Promise<void> {
    const { clock, log, letGo } = this.#parts;
    const cutOffMs = clock.monotonicMs() - this.#signedAtMs;
    if (this.#hasLetGo || !this.hasOthers || cutOffMs < letGoSoonAfterMs) return;
    if (cutOffMs < letGoAfterMs && !(await this.#othersWorkSteadily())) return;
    this.#hasLetGo = true;
    log.warn({}, 'this server cannot reach the database; its agents are asked to go to others');
    letGo();
  }

  /** Whether others did their work at this look and at one some seconds before, and at all between. */
  async #othersWorkSteadily(): Promise<boolean> {
    const { clock, othersWork } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (await othersWork(this.#others())) this.#othersWorkSinceMs ??= nowMs;
    else this.#othersWorkSinceMs = undefined;
    return this.#othersWorkSinceMs !== undefined && nowMs - this.#othersWorkSinceMs >= steadyMs;
  }

  #others(): Member[] {
    return this.#members.filter(({ id, lostAt }) => id !== this.#parts.self.id && lostAt === null);
  }

  /** What this process does from here on would be done in another one's name. */
  #end(error: MemberSuperseded): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#parts.log.error({ serverId: this.#parts.self.id }, 'another process works as this server; this one ends');
    this.#give(new StartError(error.message, { cause: error }));
  }

  #run(): void {
    if (this.#isStopped) return;
    this.#round ??= this.tick()
      .then(() => {
        this.#failing = false;
      })
      .catch(async (error: unknown) => {
        if (error instanceof MemberSuperseded) return this.#end(error);
        if (!this.#failing)
          this.#parts.log.warn({ error: String(error) }, 'the other servers could not be told that this one is there; tried again');
        this.#failing = true;
        await this.#letGo();
      })
      .finally(() => {
        this.#round = undefined;
      });
  }
}

/** What agents have to know of members. */
const shapeOf = (members: readonly Member[]): string =>
  JSON.stringify(members.map(({ id, agentAddresses, state, lostAt }) => [id, agentAddresses, state, lostAt === null]));
