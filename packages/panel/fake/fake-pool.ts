import type { DatabaseCopy, Member, PoolStatus } from '@muster/api';
import type { FakeWorld } from './world.ts';

const member = (number: number, rest: Partial<Member> = {}): Member => ({
  id: `50000000-0000-4000-8000-00000000000${number}`,
  name: `driver${number}`,
  zone: `rack${number}`,
  version: '0.1.0',
  agentAddresses: [`10.0.0.${number}:7421`],
  panelUrl: `https://10.0.0.${number}:7420`,
  agents: 20,
  clockSkewMs: 3,
  certificates: [
    { kind: 'server', expiresAt: '2027-12-20T08:00:00.000Z' },
    { kind: 'pool', expiresAt: '2036-11-18T08:00:00.000Z' },
  ],
  state: 'active',
  joinedAt: '2026-11-20T08:00:00.000Z',
  startedAt: '2026-11-20T08:00:00.000Z',
  heardAgeMs: 400,
  lostAt: null,
  ...rest,
});

const copy = (number: number, rest: Partial<DatabaseCopy> = {}): DatabaseCopy => ({
  place: `10.0.0.${number}:25432`,
  memberId: member(number).id,
  role: 'replica',
  synchronous: false,
  lagBytes: 0,
  lagSeconds: 0,
  ...rest,
});

const work = ['administration', 'certificates', 'environments', 'health', 'members', 'notifications', 'retention', 'samples'];

/** Three servers, of which the first has the primary and the third a copy that is behind. */
export const fakePool = (): PoolStatus => ({
  answeredBy: member(1).id,
  members: [member(1), member(2, { clockSkewMs: -1200 }), member(3, { agents: 21 })],
  leases: work.map((name, at) => ({
    name,
    serverId: member(1 + (at % 3)).id,
    since: '2026-11-20T08:00:05.000Z',
    token: 1 + at,
  })),
  database: {
    kind: 'pool',
    copies: [
      copy(1, { role: 'primary', synchronous: null, lagBytes: null, lagSeconds: null }),
      copy(2, { synchronous: true }),
      copy(3, { lagBytes: 12_582_912, lagSeconds: 4 }),
    ],
    protection: 'synchronous',
    note: null,
  },
  promotion: null,
  ageSeconds: null,
});

/** As a server answers of a copy that was not synchronous when the primary was lost. */
export const promotionLoss =
  'Nothing was done: The primary does not answer, and the copy on driver2 was not synchronous: it lacks 4096 bytes of the write-ahead log up to the last known position of the primary, and whatever came after that. Acknowledged changes would be lost.';

/** The other two are lost with their machines: what is left is unprotected. */
export function loseServer({ pool }: FakeWorld): void {
  pool.members = pool.members.map((one, at) =>
    at === 0 ? one : { ...one, lostAt: '2026-11-21T09:00:00.000Z', agents: 0, heardAgeMs: 90_000 },
  );
  pool.leases = pool.leases.map((lease, at) => ({ ...lease, serverId: at < 6 ? pool.answeredBy : null }));
  const copies = pool.database.copies.map((one, at) =>
    at === 0 ? one : { ...one, role: 'silent' as const, synchronous: null, lagBytes: null, lagSeconds: null },
  );
  pool.database = { ...pool.database, copies, protection: 'unprotected' };
}
