import { type Clock, type Log, placedMember, planMoves, serversOf } from '@muster/core';
import type { Gateway } from '@muster/gateway';
import type { Store } from '@muster/store';
import type { PoolView } from './pool-view.ts';

export type NodePlacesParts = {
  readonly store: Pick<Store, 'places'>;
  readonly pool: Pick<PoolView, 'members' | 'agentAddresses' | 'hasOthers'>;
  readonly gateway: () => Pick<Gateway, 'announceSettings' | 'move' | 'presence'>;
  readonly serverId: string;
  readonly clock: Clock;
  readonly log: Log;
};

const lookMs = 1000;
/** Over so many seconds those that are asked to go spread out. */
const withinSeconds = 3;
/** One that was asked and is still here after so long is asked again. */
const patienceMs = 15_000;
const minuteMs = 60_000;

/** The order of servers of each node as agents are told it, and the moves of those that are here and belong elsewhere. */
export class NodePlaces {
  readonly #parts: NodePlacesParts;
  readonly #since = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  #askedAtMs: number[] = [];
  #placement: ReadonlyMap<string, readonly string[]> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  constructor(parts: NodePlacesParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.#run(), lookMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  /** How a node reaches its servers, in its order; whoever is not known yet has this one first. */
  serversFor(nodeId: string | undefined): string[] {
    const { pool } = this.#parts;
    const order = nodeId === undefined ? undefined : this.#placement.get(nodeId);
    const placed = serversOf(order ?? [], pool.members.map(placedMember));
    return placed.length === 0 ? pool.agentAddresses : placed;
  }

  /** One round. Called by the timer; tests call it themselves. @throws StoreUnavailable */
  async tick(): Promise<void> {
    if (!this.#parts.pool.hasOthers && this.#placement.size === 0) return;
    await this.#read();
    this.#move();
  }

  async #read(): Promise<void> {
    const rows = await this.#parts.store.places.list();
    const before = this.#placement;
    this.#placement = new Map(rows.map(({ nodeId, servers }) => [nodeId, servers]));
    const changed = rows.filter(({ nodeId, servers }) => servers.join() !== before.get(nodeId)?.join()).map(({ nodeId }) => nodeId);
    if (changed.length > 0) this.#parts.gateway().announceSettings(new Set(changed));
  }

  #move(): void {
    const { pool, gateway, serverId, clock, log } = this.#parts;
    const nowMs = clock.monotonicMs();
    const connected = new Set(gateway().presence.connected());
    for (const [nodeId, atMs] of this.#asked) if (!connected.has(nodeId) || nowMs - atMs > patienceMs) this.#asked.delete(nodeId);
    this.#askedAtMs = this.#askedAtMs.filter((atMs) => nowMs - atMs < minuteMs);
    const { moves } = planMoves({
      members: this.#steady(nowMs),
      where: new Map([...connected].map((nodeId) => [nodeId, serverId])),
      placement: this.#placement,
      underWay: new Set(this.#asked.keys()),
      askedLastMinute: this.#askedAtMs.length,
    });
    if (moves.length === 0) return;
    const members = pool.members.map(placedMember);
    const to = new Map(moves.map((one) => [one.nodeId, one.to]));
    const order = (nodeId: string) => [to.get(nodeId) ?? '', ...(this.#placement.get(nodeId) ?? [])];
    for (const nodeId of gateway().move(to.keys(), (one) => [...new Set(serversOf(order(one), members))], withinSeconds)) {
      this.#asked.set(nodeId, nowMs);
      this.#askedAtMs.push(nowMs);
    }
    log.info({ nodes: moves.length }, 'nodes were asked to go over to their own servers');
  }

  /** For how long each member is there without a break, as this server has seen it. */
  #steady(nowMs: number) {
    const members = this.#parts.pool.members.map(placedMember);
    for (const { id, state } of members) {
      if (state === 'lost') this.#since.delete(id);
      else if (!this.#since.has(id)) this.#since.set(id, nowMs);
    }
    return members.map(({ id, state }) => ({ id, state, steadyMs: nowMs - (this.#since.get(id) ?? nowMs) }));
  }

  #run(): void {
    this.#round ??= this.tick()
      .catch((error: unknown) =>
        this.#parts.log.warn({ error: String(error) }, 'it could not be read which servers nodes turn to; tried again'),
      )
      .finally(() => {
        this.#round = undefined;
      });
  }
}
