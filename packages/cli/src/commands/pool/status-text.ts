import type { DatabaseCopy, Member, PoolDatabase, PoolStatus, Promotion } from '@muster/api';
import { firstCertificateEnd, memberWarnings } from '@muster/core';
import { printable } from '../../output/printable.ts';
import { type Column, table } from '../../output/table.ts';
import { bytes, duration } from '../../output/units.ts';

const stateOf = ({ lostAt, state, heardAgeMs }: Member): string => {
  if (lostAt !== null) return `gone for ${duration(heardAgeMs / 1000)}`;
  return state === 'draining' ? 'draining' : 'there';
};

/** A clock that is off by less says nothing: it was on its way. */
const skewShownMs = 500;
const skewOf = ({ clockSkewMs }: Member): string =>
  Math.abs(clockSkewMs) < skewShownMs ? 'right' : `${clockSkewMs > 0 ? '+' : '-'}${duration(Math.abs(clockSkewMs) / 1000)}`;

/** A copy that is less behind has only not yet said that it has all. */
const lagShownBytes = 1_000_000;

function copyText({ role, synchronous, lagBytes, lagSeconds }: DatabaseCopy): string {
  if (role === 'silent') return 'does not answer';
  if (role === 'primary') return 'primary';
  const kind = synchronous === null ? 'not known whether synchronous' : synchronous ? 'synchronous' : 'asynchronous';
  if (lagBytes === null) return `replica, ${kind}, lag not known`;
  if (lagBytes < lagShownBytes && (lagSeconds ?? 0) < 1) return `replica, ${kind}`;
  return `replica, ${kind}, ${bytes(lagBytes)}${lagSeconds === null ? '' : ` or ${duration(lagSeconds)}`} behind`;
}

/** How long the first of its certificates is still good. */
function goodFor(member: Member, nowMs: number): string {
  const end = firstCertificateEnd(member);
  if (end === null) return '-';
  const leftMs = Date.parse(end) - nowMs;
  return leftMs < 0 ? 'ended' : duration(leftMs / 1000);
}

function columnsOf({ answeredBy, leases, database }: PoolStatus, nowMs: number): Column<Member>[] {
  const copyOf = (id: string) => database.copies.filter(({ memberId }) => memberId === id);
  const doneBy = (id: string) => leases.filter(({ serverId }) => serverId === id).map(({ name }) => name);
  return [
    { title: 'SERVER', cell: ({ id, name }) => `${printable(name)}${id === answeredBy ? ' *' : ''}` },
    { title: 'STATE', cell: stateOf },
    { title: 'ZONE', cell: ({ zone }) => (zone === '' ? '-' : printable(zone)) },
    { title: 'AGENTS', cell: ({ agents }) => String(agents) },
    { title: 'VERSION', cell: ({ version }) => version },
    { title: 'CLOCK', cell: skewOf },
    { title: 'CERTIFICATES', cell: (member) => goodFor(member, nowMs) },
    { title: 'DATABASE', cell: ({ id }) => copyOf(id).map(copyText).join('; ') || '-' },
    { title: 'DOES', cell: ({ id }) => doneBy(id).join(', ') || '-' },
  ];
}

const protections: Readonly<Record<PoolDatabase['protection'], string>> = {
  synchronous: 'Database: what is acknowledged is in two copies at least.',
  asynchronous: 'Database: no copy is waited for; what was written last may be lost with the primary.',
  unprotected: 'Database: unprotected, there is only one copy.',
  unknown: 'Database: how well it is protected is not known.',
};

function databaseText({ copies, protection, note }: PoolDatabase): string {
  const elsewhere = copies.filter(({ memberId }) => memberId === null).map((copy) => `  ${printable(copy.place)}: ${copyText(copy)}\n`);
  return `${protections[protection]}${note === null ? '' : ` ${note}`}\n${elsewhere.join('')}`;
}

const promotionText = (promotion: Promotion | null): string =>
  promotion === null || promotion.state !== 'running' ? '' : `A promotion is under way: ${printable(promotion.message)}\n`;

/** The pool in words: a row for each server, what is wrong with them, its database, what nobody does. */
export function statusText(status: PoolStatus, nowMs: number): string {
  const { ageSeconds, database, promotion } = status;
  const free = status.leases.filter(({ serverId }) => serverId === null).map(({ name }) => name);
  const waiting = free.length === 0 ? '' : `\nNobody does at the moment: ${free.join(', ')}. A server takes it in seconds.\n`;
  const old =
    ageSeconds === null
      ? ''
      : `The database does not answer: this is how it was ${duration(ageSeconds)} ago, and who does what is not known.\n`;
  const warnings = memberWarnings(status.members, nowMs).map((warning) => `${printable(warning)}\n`);
  return `${old}${table(status.members, columnsOf(status, nowMs))}* answers here\n\n${warnings.join('')}${databaseText(database)}${promotionText(promotion)}${waiting}`;
}
