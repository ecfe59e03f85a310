import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Member, type PoolDatabase, problem, type Promotion } from '@muster/api';
import {
  type Clock,
  type DatabaseSight,
  decidePromotion,
  hostOf,
  hostsOfMember,
  type Log,
  type PromotableCopy,
  type PromotionDecision,
} from '@muster/core';
import { isStoreUnavailable, type Store } from '@muster/store';
import { type PatroniAnswer, type PatroniMember, type PatroniPort, PatroniSilent } from './patroni.ts';

export type PromoterParts = {
  readonly store: Pick<Store, 'sight' | 'leases' | 'events'>;
  readonly kind: PoolDatabase['kind'];
  /** Undefined where there is no way to a Patroni. */
  readonly patroni: PatroniPort | undefined;
  readonly serverId: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How often is looked, and how long is waited, milliseconds. */
  readonly times?: Partial<PromotionTimes>;
};

type PromotionTimes = { readonly lookMs: number; readonly catchUpMs: number; readonly endMs: number };

/** With ttl 20 a leader that hangs is given up after that; PostgreSQL then takes some seconds to be the primary. */
const usualTimes: PromotionTimes = { lookMs: 1000, catchUpMs: 30_000, endMs: 90_000 };

/** The lease under which one promotion at a time takes place. It outlives the longest one. */
export const promotionLease = 'promotion';
const leaseSeconds = 180;

export type PromotionWish = { readonly member: Member; readonly acceptDataLoss: boolean; readonly by: string };

type Move = Extract<PromotionDecision, { kind: 'switch-over' | 'fail-over' }>;

/** Moves the primary of the database to another member, by Patroni, one promotion at a time in the pool. */
export class Promoter {
  readonly #parts: PromoterParts;
  readonly #times: PromotionTimes;
  #last: Promotion | null = null;
  readonly #stopping = new AbortController();
  #asked = false;
  #under: Promise<void> = Promise.resolve();

  constructor(parts: PromoterParts) {
    this.#parts = parts;
    this.#times = { ...usualTimes, ...parts.times };
  }

  /** The last one that this server was asked for. */
  get last(): Promotion | null {
    return this.#last;
  }

  /** Resolves when none is under way here. */
  ended(): Promise<void> {
    return this.#under;
  }

  /** The server stops: what Patroni was asked for takes place, and nobody here waits for its end. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#under;
  }

  /**
   * Decides, and begins; the rest is in `last`. Works while the database is away. Idempotent for a member that is the primary.
   * @throws ProblemError: refused, with the reason; data would be lost, with the figure; another promotion is under way
   */
  async begin(wish: PromotionWish): Promise<Promotion> {
    if (this.#asked) throw underWay(this.#last?.memberName);
    this.#asked = true;
    const run = randomUUID();
    try {
      await this.#claim(run);
      const decision = await this.#decide(wish);
      if (decision.kind === 'refused') throw problem('promotion-refused', `Nothing was done: ${decision.reason}`);
      if (decision.kind === 'would-lose') throw problem('would-lose-data', `Nothing was done: ${decision.reason}`);
      this.#last = this.#begun(wish.member, decision);
      if (decision.kind === 'already') {
        await this.#end(run);
        return this.#last;
      }
      this.#under = this.#carryOut(decision, wish, run);
      return this.#last;
    } catch (error) {
      await this.#end(run);
      throw error;
    }
  }

  async #end(run: string): Promise<void> {
    this.#asked = false;
    // While the database is away nothing was claimed, or it runs out by itself.
    await this.#parts.store.leases.release(run).catch(() => undefined);
  }

  /** While the database is away there is nobody to claim it from: then Patroni lets one of two win, and the other hears of it. */
  async #claim(run: string): Promise<void> {
    const { store, serverId } = this.#parts;
    const { copies } = await store.sight();
    if (!copies.some(({ role }) => role === 'primary')) return;
    try {
      const held = await store.leases.hold({ serverId, run }, [promotionLease], leaseSeconds);
      if (held.length === 0) throw underWay(undefined);
    } catch (error) {
      if (!isStoreUnavailable(error)) throw error;
    }
  }

  async #decide({ member, acceptDataLoss }: PromotionWish): Promise<PromotionDecision> {
    const { kind, patroni, store } = this.#parts;
    const base = { kind, memberName: member.name, acceptDataLoss };
    if (patroni === undefined) return decidePromotion({ ...base, copyName: null, copies: [] });
    const [known, sight] = await Promise.all([asked(patroni.members()), store.sight()]);
    const hosts = hostsOfMember(member);
    const copyName = known.find(({ host }) => hosts.includes(host))?.name ?? null;
    return decidePromotion({ ...base, copyName, copies: known.map((one) => promotable(one, sight)) });
  }

  #begun({ id, name }: Member, decision: Move | { kind: 'already' }): Promotion {
    const base = { memberId: id, memberName: name, startedAt: new Date(this.#parts.clock.wallMs()).toISOString() };
    if (decision.kind === 'already') {
      const message = `${name} is the primary of the database already. Nothing was changed.`;
      return { ...base, state: 'already', kind: null, from: null, lostBytes: 0, message };
    }
    const { kind, from } = decision;
    const lostBytes = kind === 'fail-over' ? decision.lostBytes : 0;
    const message =
      kind === 'switch-over' ? `${from} hands the primary over to ${name}.` : `${name} takes over: the primary does not answer.`;
    return { ...base, state: 'running', kind, from, lostBytes, message };
  }

  async #carryOut(move: Move, wish: PromotionWish, run: string): Promise<void> {
    const { log } = this.#parts;
    log.info({ to: move.to, kind: move.kind, by: wish.by }, 'a member is made the primary of the database');
    try {
      await this.#move(move);
      await this.#untilItWrites(move, wish);
      this.#say('done', `${wish.member.name} is the primary of the database, and takes writes.`);
      log.info({ to: move.to }, 'the member is the primary of the database');
    } catch (error) {
      this.#say('failed', error instanceof Error ? error.message : String(error));
      log.warn({ to: move.to, error: String(error) }, 'the member was not made the primary of the database');
    } finally {
      await this.#end(run);
    }
  }

  async #move(move: Move): Promise<void> {
    const { patroni } = this.#parts;
    if (patroni === undefined) return;
    if (move.kind === 'fail-over') return settle(await patroni.failOver(move.to), move.to, patroni);
    const before = move.mustCatchUp ? await this.#makeSynchronous(patroni, move.to) : undefined;
    try {
      await settle(await patroni.switchOver(move.from, move.to), move.to, patroni);
    } finally {
      if (before !== undefined)
        await patroni
          .setSynchronousCount(before)
          .catch(() => this.#parts.log.warn({ count: before }, 'Patroni could not be told for how many copies each write waits'));
    }
  }

  /** A leader hands over only to a copy that each write waits for; of three copies one is not. Returns for how many it was before, where that was changed. */
  async #makeSynchronous(patroni: PatroniPort, name: string): Promise<number | undefined> {
    this.#say('running', `The copy on ${name} is waited for until it has all that was acknowledged.`);
    const others = (await patroni.members()).length - 1;
    const before = await patroni.synchronousCount();
    if (before < others) await patroni.setSynchronousCount(others);
    const untilMs = this.#parts.clock.monotonicMs() + this.#times.catchUpMs;
    while (this.#parts.clock.monotonicMs() < untilMs) {
      const known = await patroni.members().catch(() => []);
      if (known.some((one) => one.name === name && one.role === 'synchronous')) return before < others ? before : undefined;
      await sleep(this.#times.lookMs, undefined, { signal: this.#stopping.signal });
    }
    if (before < others) await patroni.setSynchronousCount(before).catch(() => undefined);
    throw new Error(
      `The copy on ${name} did not catch up with the primary in time. Nothing was changed; try again when it has (muster pool status).`,
    );
  }

  /** Its event is the first thing that is written to the new primary, and the proof that it takes writes. */
  async #untilItWrites({ to }: Move, { member, by }: PromotionWish): Promise<void> {
    const { store, clock, patroni } = this.#parts;
    const message = `${member.name} is the primary of the database now (${by}).`;
    const event = {
      kind: 'member-promoted',
      severity: 'info',
      nodeId: null,
      nodeName: null,
      message,
      data: { serverId: member.id },
    } as const;
    const untilMs = clock.monotonicMs() + this.#times.endMs;
    while (clock.monotonicMs() < untilMs) {
      const leader = (await patroni?.members().catch(() => []))?.find(({ role }) => role === 'leader');
      const { copies } = await store.sight();
      const isThere = copies.some(({ place, role }) => role === 'primary' && hostOf(place) === leader?.host);
      if (leader?.name === to && isThere && (await this.#wrote(event))) return;
      await sleep(this.#times.lookMs, undefined, { signal: this.#stopping.signal });
    }
    throw new Error(
      `${member.name} does not take writes yet. Patroni may still promote it: look at muster pool status, and on a member at patronictl -c /etc/muster/pool/patroni.yaml list.`,
    );
  }

  async #wrote(event: Parameters<Store['events']['append']>[0]): Promise<boolean> {
    try {
      await this.#parts.store.events.append(event);
      return true;
    } catch (error) {
      if (isStoreUnavailable(error)) return false;
      throw error;
    }
  }

  #say(state: Promotion['state'], message: string): void {
    if (this.#last !== null) this.#last = { ...this.#last, state, message };
  }
}

function promotable({ name, host, role, state, lagBytes, isThere }: PatroniMember, sight: DatabaseSight): PromotableCopy {
  const seen = sight.copies.find(({ place }) => hostOf(place) === host);
  const own = seen?.positionBytes ?? null;
  const lacking = own === null || sight.lastPrimaryBytes === null ? null : Math.max(0, sight.lastPrimaryBytes - own);
  return {
    name,
    isLeader: role === 'leader',
    isThere: isThere && seen !== undefined && seen.role !== 'silent',
    state,
    isSynchronous: role === 'synchronous',
    // Two who saw the primary last at different moments: the later one counts.
    lacksBytes: lagBytes === null && lacking === null ? null : Math.max(lagBytes ?? 0, lacking ?? 0),
  };
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof PatroniSilent)
      throw problem('promotion-refused', `Nothing was done: ${error.message}`, undefined, { cause: error });
    throw error;
  }
}

/** What is not known is waited for; a refusal ends it, unless somebody else has brought about the same meanwhile. */
async function settle({ outcome, said }: PatroniAnswer, to: string, patroni: PatroniPort): Promise<void> {
  if (outcome !== 'refused') return;
  const leader = (await patroni.members().catch(() => [])).find(({ role }) => role === 'leader');
  if (leader?.name === to) return;
  const other = /over to "([^"]*)" instead of/u.exec(said)?.[1];
  throw new Error(other === undefined ? `Patroni did not do it: ${said}.` : `Another promotion won: ${other} is the primary now.`);
}

const underWay = (name: string | undefined) =>
  problem(
    'promotion-under-way',
    `Nothing was done: ${name === undefined ? 'another promotion' : `the promotion of ${name}`} is under way. Look at muster pool status, and try again when it has ended.`,
  );
