import type { PoolDatabase } from '@muster/api';

/** A copy of the database as whoever is to promote one sees it. */
export type PromotableCopy = {
  /** By which Patroni knows it. */
  readonly name: string;
  /** Whether it holds the key of the leader. */
  readonly isLeader: boolean;
  /** Whether its Patroni and its database answer now. */
  readonly isThere: boolean;
  /** How it is, in Patroni's word: `streaming`, `running`, `starting`... */
  readonly state: string;
  /** Whether no write was acknowledged that it lacks: Patroni lists it as synchronous. */
  readonly isSynchronous: boolean;
  /** What it lacks up to the last known position of the primary; null where one of both is not known. */
  readonly lacksBytes: number | null;
};

export type PromotionPicture = {
  readonly kind: PoolDatabase['kind'];
  /** The member that is to have the primary, by its name in the pool. */
  readonly memberName: string;
  /** The copy on its machine, by its name in Patroni; null where it has none. */
  readonly copyName: string | null;
  readonly copies: readonly PromotableCopy[];
  readonly acceptDataLoss: boolean;
};

export type PromotionDecision =
  | { readonly kind: 'already' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'would-lose'; readonly reason: string }
  | {
      readonly kind: 'switch-over';
      readonly from: string;
      readonly to: string;
      /** It must have become synchronous first: the primary hands over to no other. */
      readonly mustCatchUp: boolean;
    }
  | {
      readonly kind: 'fail-over';
      readonly from: string | null;
      readonly to: string;
      /** Null: not known. */ readonly lostBytes: number | null;
    };

/** States in which a copy can be made the primary. */
const usable: ReadonlySet<string> = new Set(['running', 'streaming', 'in archive recovery']);

/** Whether, and how, a member's copy of the database becomes the primary. Pure. */
export function decidePromotion(picture: PromotionPicture): PromotionDecision {
  const { kind, memberName, copyName, copies } = picture;
  if (kind !== 'pool') return { kind: 'refused', reason: notOurs[kind] };
  const copy = copies.find(({ name }) => name === copyName);
  if (copy === undefined) {
    const names = copies.map(({ name }) => name).join(', ') || 'nobody';
    return { kind: 'refused', reason: `${memberName} holds no copy of the database. Those who do are known to Patroni as ${names}.` };
  }
  if (copy.isLeader && copy.isThere) return { kind: 'already' };
  const fault = faultOf(memberName, copy);
  if (fault !== undefined) return { kind: 'refused', reason: fault };
  const leader = copies.find(({ isLeader }) => isLeader);
  return leader?.isThere === true ? switchOver(picture, leader, copy) : failOver(picture, leader, copy);
}

/** Why a copy cannot take writes, whoever is the primary; undefined for one that can. */
function faultOf(memberName: string, { isLeader, isThere, state }: PromotableCopy): string | undefined {
  if (isLeader) return `${memberName} is the primary, and its database does not answer. Promote another member.`;
  if (isThere && usable.has(state)) return undefined;
  return `The copy on ${memberName} cannot take writes: ${isThere ? state : 'it does not answer'}.`;
}

const notOurs = {
  own: 'The database is one of your own: promote it by its own means, and Muster follows. (A pool that Muster installed: run muster apply once, which gives its servers the way to Patroni.)',
  embedded: 'This is a single server with its own database: there is no other copy that could be promoted.',
} as const;

function switchOver({ memberName }: PromotionPicture, leader: PromotableCopy, copy: PromotableCopy): PromotionDecision {
  if (copy.state !== 'streaming' && !copy.isSynchronous) {
    const reason = `The copy on ${memberName} does not follow the primary on ${leader.name} now: ${copy.state}. It is promoted once it does.`;
    return { kind: 'refused', reason };
  }
  return { kind: 'switch-over', from: leader.name, to: copy.name, mustCatchUp: !copy.isSynchronous };
}

/**
 * A copy that Patroni lists as synchronous has all that was acknowledged. For any other the figure is the least that is lost: what the primary
 * acknowledged after it was last seen nobody knows.
 */
function failOver(picture: PromotionPicture, leader: PromotableCopy | undefined, copy: PromotableCopy): PromotionDecision {
  const from = leader?.name ?? null;
  if (copy.isSynchronous) return { kind: 'fail-over', from, to: copy.name, lostBytes: 0 };
  if (picture.acceptDataLoss) return { kind: 'fail-over', from, to: copy.name, lostBytes: copy.lacksBytes };
  return { kind: 'would-lose', reason: lossOf(picture, copy) };
}

function lossOf({ memberName, copies }: PromotionPicture, copy: PromotableCopy): string {
  const lacks =
    copy.lacksBytes === null
      ? 'what it lacks is not known'
      : `it lacks ${copy.lacksBytes} bytes of the write-ahead log up to the last known position of the primary, and whatever came after that`;
  const better = copies.find(({ name, isSynchronous, isThere }) => name !== copy.name && isSynchronous && isThere);
  const instead = better === undefined ? '' : ` ${better.name} has all of it: promote that one.`;
  return `The primary does not answer, and the copy on ${memberName} was not synchronous: ${lacks}. Acknowledged changes would be lost.${instead}`;
}
