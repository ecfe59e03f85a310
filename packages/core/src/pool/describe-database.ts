import type { DatabaseCopy, Member, PoolDatabase } from '@muster/api';

/** A database that a server is told of, as it answered when it was last asked. */
export type SeenCopy = {
  /** HOST:PORT. */
  readonly place: string;
  readonly role: 'primary' | 'replica' | 'silent';
  /** How far its write-ahead log goes, bytes from its beginning; null where it never answered. */
  readonly positionBytes: number | null;
};

/** Who takes what the primary writes, as that one says. */
export type SeenReplica = {
  readonly name: string;
  readonly address: string | null;
  /** Whether it follows now; a copy that is only just made does not. */
  readonly isStreaming: boolean;
  readonly isSynchronous: boolean;
  readonly lagBytes: number | null;
  readonly lagSeconds: number | null;
};

/** All that a server knows of its database without anybody else's help. */
export type DatabaseSight = {
  readonly copies: readonly SeenCopy[];
  /** Null where the primary does not answer, or does not tell whoever Muster signs in as. */
  readonly replicas: readonly SeenReplica[] | null;
  /** The furthest position at which a primary was ever seen, bytes; null before one was. */
  readonly lastPrimaryBytes: number | null;
};

type Named = Pick<Member, 'id' | 'agentAddresses' | 'panelUrl'>;

/** What is told of the database to people: each copy with the member it belongs to, and what the loss of one would cost. Pure. */
export function describeDatabase(kind: PoolDatabase['kind'], sight: DatabaseSight, members: readonly Named[]): PoolDatabase {
  const primary = sight.copies.find(({ role }) => role === 'primary');
  const streaming = sight.replicas?.filter(({ isStreaming }) => isStreaming) ?? null;
  // The one that follows is the one copy there is, also where it comes from another address of its machine.
  const isSure = streaming?.length === 1 && sight.copies.filter(({ role }) => role === 'replica').length === 1;
  // The embedded one is inside of the only server there is.
  const idOf = (place: string) => (kind === 'embedded' ? (members[0]?.id ?? null) : memberAt(members, hostOf(place)));
  const listed = sight.copies.map((copy): DatabaseCopy => {
    const told = isSure ? streaming[0] : streaming?.find(({ address }) => address === hostOf(copy.place));
    const lag = copy.role === 'replica' ? lagOf(copy, primary, told) : unknownLag;
    return { place: copy.place, memberId: idOf(copy.place), role: copy.role, ...lag };
  });
  const copies = [...listed, ...othersOf(sight)];
  return { kind, copies, ...protectionOf(kind, primary !== undefined, sight) };
}

type Lag = Pick<DatabaseCopy, 'synchronous' | 'lagBytes' | 'lagSeconds'>;
const unknownLag: Lag = { synchronous: null, lagBytes: null, lagSeconds: null };

function lagOf(copy: SeenCopy, primary: SeenCopy | undefined, told: SeenReplica | undefined): Lag {
  if (told === undefined) return { ...unknownLag, lagBytes: behind(copy.positionBytes, primary?.positionBytes ?? null) };
  return { synchronous: told.isSynchronous, lagBytes: told.lagBytes, lagSeconds: told.lagSeconds };
}

const behind = (own: number | null, primary: number | null): number | null =>
  own === null || primary === null ? null : Math.max(0, primary - own);

/** Copies that only the primary tells of: a URL with one host names no other. */
function othersOf({ copies, replicas }: DatabaseSight): DatabaseCopy[] {
  if (copies.length > 1 || replicas === null) return [];
  return replicas
    .filter(({ isStreaming }) => isStreaming)
    .map(({ name, address, isSynchronous, lagBytes, lagSeconds }) => {
      const place = address ?? name;
      return { place, memberId: null, role: 'replica', synchronous: isSynchronous, lagBytes, lagSeconds };
    });
}

function protectionOf(kind: PoolDatabase['kind'], hasPrimary: boolean, sight: DatabaseSight): Pick<PoolDatabase, 'protection' | 'note'> {
  const { replicas, copies } = sight;
  if (!hasPrimary) return { protection: 'unknown', note: 'No database takes writes now.' };
  if (replicas === null) return { protection: 'unknown', note: noRights };
  const streaming = replicas.filter(({ isStreaming }) => isStreaming);
  if (streaming.some(({ isSynchronous }) => isSynchronous)) return { protection: 'synchronous', note: null };
  if (streaming.length > 0) return { protection: 'asynchronous', note: null };
  // How somebody else's database is kept safe need not show in it: by its disks, or by the service that runs it.
  if (kind === 'own' && copies.length === 1)
    return { protection: 'unknown', note: 'It tells of no copy, and may be kept safe in another way.' };
  return { protection: 'unprotected', note: null };
}

const noRights =
  "Muster's account may not see who copies the database (grant pg_read_all_stats to it; in a pool that Muster installed, muster apply does).";

/** The host of HOST:PORT, an IPv6 one without its brackets. */
export const hostOf = (place: string): string => place.replace(/:\d+$/u, '').replace(/^\[(.*)\]$/u, '$1');

/** The hosts at which a member is reached: where its copy of the database is to be found. */
export const hostsOfMember = ({ agentAddresses, panelUrl }: Pick<Named, 'agentAddresses' | 'panelUrl'>): string[] => [
  ...agentAddresses.map(hostOf),
  hostOf(panelUrl.replace(/^https?:\/\//u, '')),
];

/** The member that is reached at this host. */
function memberAt(members: readonly Named[], host: string): string | null {
  const found = members.filter((member) => hostsOfMember(member).includes(host));
  return found.length === 1 ? (found[0]?.id ?? null) : null;
}
