import { describe, expect, it } from 'vitest';
import { type DatabaseSight, describeDatabase, type SeenReplica } from './describe-database.ts';

const members = [
  { id: 'a', agentAddresses: ['10.0.0.1:7421'], panelUrl: 'https://10.0.0.1:7420' },
  { id: 'b', agentAddresses: ['b.example:7421'], panelUrl: 'https://[fd00::2]:7420' },
];
const replica = (rest: Partial<SeenReplica> = {}): SeenReplica => ({
  name: 'm2',
  address: 'fd00::2',
  isStreaming: true,
  isSynchronous: true,
  lagBytes: 12,
  lagSeconds: 0.5,
  ...rest,
});
const sight = (rest: Partial<DatabaseSight> = {}): DatabaseSight => ({
  copies: [
    { place: '10.0.0.1:25432', role: 'primary', positionBytes: 1000 },
    { place: '[fd00::2]:25432', role: 'replica', positionBytes: 900 },
  ],
  replicas: [replica()],
  lastPrimaryBytes: 1000,
  ...rest,
});
const alone = { copies: [{ place: 'db:5432', role: 'primary', positionBytes: 1 }], replicas: [] } as const;

describe('the database of a pool', () => {
  it('shows each copy with its member, and how far it is behind', () => {
    expect(describeDatabase('pool', sight(), members)).toEqual({
      kind: 'pool',
      copies: [
        { place: '10.0.0.1:25432', memberId: 'a', role: 'primary', synchronous: null, lagBytes: null, lagSeconds: null },
        { place: '[fd00::2]:25432', memberId: 'b', role: 'replica', synchronous: true, lagBytes: 12, lagSeconds: 0.5 },
      ],
      protection: 'synchronous',
      note: null,
    });
  });

  it.each<[string, DatabaseSight, 'pool' | 'own' | 'embedded', string]>([
    ['unprotected while nobody follows', sight({ replicas: [] }), 'pool', 'unprotected'],
    ['unprotected while a copy is only being made', sight({ replicas: [replica({ isStreaming: false })] }), 'pool', 'unprotected'],
    ['asynchronous while no copy is waited for', sight({ replicas: [replica({ isSynchronous: false })] }), 'pool', 'asynchronous'],
    ['unprotected inside a single server', sight(alone), 'embedded', 'unprotected'],
    ['not known where a database of the user tells of no copy', sight(alone), 'own', 'unknown'],
    ['not known where rights are missing', sight({ replicas: null }), 'own', 'unknown'],
    ['not known while nobody takes writes', sight({ copies: [{ place: 'a:1', role: 'silent', positionBytes: null }] }), 'pool', 'unknown'],
  ])('is %s', (_what, seen, kind, protection) => {
    const { note, ...rest } = describeDatabase(kind, seen, members);
    expect(rest.protection).toBe(protection);
    expect(note === null).toBe(protection !== 'unknown');
  });

  it('has the lag from positions where the primary does not tell it', () => {
    const { copies } = describeDatabase('own', sight({ replicas: null }), members);
    expect(copies[1]).toMatchObject({ synchronous: null, lagBytes: 100, lagSeconds: null });
    const ahead = sight({
      replicas: null,
      copies: [
        { place: 'a:1', role: 'primary', positionBytes: 5 },
        { ...sight().copies[1]!, positionBytes: 7 },
      ],
    });
    expect(describeDatabase('own', ahead, members).copies[1]).toMatchObject({ lagBytes: 0 });
  });

  it('tells of copies that the URL does not name, and of none twice', () => {
    const { copies } = describeDatabase(
      'own',
      sight({ ...alone, replicas: [replica({ address: null }), replica({ isStreaming: false })] }),
      members,
    );
    expect(copies.map(({ place, memberId, role }) => [place, memberId, role])).toEqual([
      ['db:5432', null, 'primary'],
      ['m2', null, 'replica'],
    ]);
    expect(describeDatabase('pool', sight({ replicas: [replica(), replica({ address: '10.9.9.9' })] }), members).copies).toHaveLength(2);
  });

  it('inside a single server belongs to that one', () => {
    const embedded = sight({ copies: [{ place: 'embedded', role: 'primary', positionBytes: 1 }], replicas: [] });
    expect(describeDatabase('embedded', embedded, members.slice(0, 1)).copies[0]).toMatchObject({ memberId: 'a', role: 'primary' });
    expect(describeDatabase('embedded', embedded, []).copies[0]).toMatchObject({ memberId: null });
  });

  it('belongs to nobody where two members are reached at one host', () => {
    const twice = [members[0]!, { ...members[0]!, id: 'c' }];
    expect(describeDatabase('pool', sight(), twice).copies[0]).toMatchObject({ memberId: null });
  });
});
