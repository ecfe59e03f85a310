import type { DatabaseCopy, Member, PoolDatabase, PoolStatus, Promotion, Session } from '@muster/api';
import type { AlertProps, LabelProps } from '@patternfly/react-core';
import { formatAge, formatBytes } from '../ui/format.ts';
import { wholeRefusal } from '../ui/whole-refusal.ts';

type Look = Pick<LabelProps, 'color' | 'variant'> & { readonly text: string };

/** How a server fares: word and colour. */
export function memberLook({ lostAt, state, heardAgeMs }: Member): Look {
  if (lostAt !== null) return { text: `Gone for ${formatAge(heardAgeMs / 1000)}`, color: 'red' };
  return state === 'draining' ? { text: 'Draining', color: 'orange' } : { text: 'There', color: 'green', variant: 'outline' };
}

/** What a copy is: word and colour. */
export function copyLook({ role, synchronous }: DatabaseCopy): Look {
  if (role === 'silent') return { text: 'Does not answer', color: 'red' };
  if (role === 'primary') return { text: 'Primary', color: 'blue' };
  return synchronous === true ? { text: 'Replica, synchronous', color: 'green', variant: 'outline' } : { text: 'Replica', color: 'grey' };
}

/** A copy that is less behind has only not yet said that it has all. */
const lagShownBytes = 1_048_576;

/** How far a copy is behind; undefined for one that is no replica. */
export function lagText({ role, synchronous, lagBytes, lagSeconds }: DatabaseCopy): string | undefined {
  if (role !== 'replica') return undefined;
  const kind = synchronous === null ? 'not known whether synchronous, ' : synchronous ? '' : 'no write waits for it, ';
  if (lagBytes === null) return `${kind}lag not known`;
  if (lagBytes < lagShownBytes && (lagSeconds ?? 0) < 1) return `${kind}in step`;
  return `${kind}${formatBytes(lagBytes)}${lagSeconds === null ? '' : ` or ${formatAge(lagSeconds)}`} behind`;
}

type Word = { readonly variant: NonNullable<AlertProps['variant']>; readonly title: string };

const protections: Readonly<Record<PoolDatabase['protection'], Word>> = {
  synchronous: { variant: 'success', title: 'What is acknowledged is in two copies of the database at least' },
  asynchronous: { variant: 'warning', title: 'No copy of the database is waited for' },
  unprotected: { variant: 'warning', title: 'The database is unprotected: there is only one copy' },
  unknown: { variant: 'info', title: 'How well the database is protected is not known' },
};

/** How well the database is protected. */
export const protectionOf = ({ protection }: PoolDatabase): Word => protections[protection];

/** What there is to say of the last promotion; undefined where that is over and well. */
export function promotionWord(promotion: Promotion | null): Word | undefined {
  if (promotion === null) return undefined;
  const { state, memberName } = promotion;
  if (state === 'running') return { variant: 'info', title: `${memberName} is being made the primary` };
  return state === 'failed' ? { variant: 'danger', title: `${memberName} was not made the primary` } : undefined;
}

export type MemberAction = 'drain' | 'undrain' | 'promote' | 'remove';

type Picture = { readonly status: PoolStatus; readonly session: Pick<Session, 'name' | 'role' | 'groups'> };

/** Why something cannot be done with a server now; undefined where it can. The server has the last word. */
export function memberRefusal(action: MemberAction, member: Member, { status, session }: Picture): string | undefined {
  const whole = wholeRefusal(session);
  if (whole !== undefined) return whole;
  if (action === 'promote') return promoteRefusal(member, status);
  if (action === 'remove') return member.lostAt === null ? `${member.name} is still there. Stop Muster on it first.` : undefined;
  if (action === 'drain') return member.state === 'draining' ? `${member.name} is draining already.` : undefined;
  return member.state === 'active' ? `${member.name} takes nodes already.` : undefined;
}

function promoteRefusal({ id, name }: Member, { database, promotion }: PoolStatus): string | undefined {
  if (database.kind === 'embedded') return 'This is a single server with its own database: there is no other copy that could be promoted.';
  if (database.kind === 'own') return 'The database is one of your own: promote it by its own means, and Muster follows.';
  if (promotion?.state === 'running') return `The promotion of ${promotion.memberName} is under way.`;
  const copy = database.copies.find(({ memberId }) => memberId === id);
  if (copy === undefined) return `${name} holds no copy of the database.`;
  if (copy.role === 'primary') return `${name} is the primary already.`;
  return copy.role === 'silent' ? `The copy on ${name} does not answer.` : undefined;
}
