import type { Member } from '@muster/api';

/** What of members it takes. */
export type WarnedMember = Pick<Member, 'name' | 'version' | 'lostAt' | 'certificates'>;

const dayMs = 86_400_000;
/** Both kinds are renewed long before: a certificate that is so near its end was forgotten. */
const nearEndDays = 60;

const remedies = {
  server: 'It is renewed by itself, and was not: look at the log of Muster there, and start it anew.',
  pool: 'To renew it: muster apply.',
} as const;

/** What an administrator should know of the members that are there, in sentences with what to do: none where all is well. */
export function memberWarnings(members: readonly WarnedMember[], nowMs: number): string[] {
  const there = members.filter(({ lostAt }) => lostAt === null);
  return [...versionWarnings(there), ...there.flatMap((member) => certificateWarnings(member, nowMs))];
}

/** Said while an upgrade is under way, or was left half done. */
function versionWarnings(members: readonly WarnedMember[]): string[] {
  const versions = [...new Set(members.map(({ version }) => version))].toSorted();
  return versions.length < 2 ? [] : [`Versions differ: ${versions.join(', ')}. To bring all to one: muster pool upgrade, or muster apply.`];
}

function certificateWarnings({ name, certificates }: WarnedMember, nowMs: number): string[] {
  return certificates.flatMap(({ kind, expiresAt }) => {
    const whose = `The certificate of ${name} ${kind === 'pool' ? 'in the pool of databases' : 'as a server'}`;
    if (expiresAt === null) return [`${whose} cannot be read. ${remedies[kind]}`];
    const days = Math.floor((Date.parse(expiresAt) - nowMs) / dayMs);
    if (days >= nearEndDays) return [];
    const end = days < 0 ? `has ended on ${expiresAt.slice(0, 10)}` : `ends in ${days} ${days === 1 ? 'day' : 'days'}`;
    return [`${whose} ${end}. ${remedies[kind]}`];
  });
}

/** When the first of the certificates of a member ends; null where that is not known. */
export function firstCertificateEnd({ certificates }: Pick<Member, 'certificates'>): string | null {
  const ends = certificates.flatMap(({ expiresAt }) => expiresAt ?? []);
  return ends.toSorted()[0] ?? null;
}
