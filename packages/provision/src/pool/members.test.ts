import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { clusterOf } from '../host/cluster.ts';
import { isVoter, sharesDatabase } from './members.ts';

const rolesOf = (inventory: string): Record<string, readonly string[]> =>
  Object.fromEntries(clusterOf(inventoryOf(inventory)).hosts.map(({ name, roles }) => [name, roles]));

describe('the groups of a pool', () => {
  it('leave one server alone as it always was: no member, no voter', () => {
    expect(rolesOf('[driver]\na\n[worker]\nb\n')).toEqual({ a: ['driver'], b: ['worker'] });
    expect(clusterOf(inventoryOf('[driver]\na\n')).hosts.map((host) => [isVoter(host), sharesDatabase(host)])).toEqual([[false, false]]);
    expect(rolesOf('[management]\na\n[worker]\nb\n')).toEqual({ a: ['driver'], b: ['worker'] });
  });

  it('make full members and a witness, all of them nodes', () => {
    expect(rolesOf('[management]\na\nb\n[witness]\nc\n[worker]\nd\n')).toEqual({
      a: ['driver', 'database'],
      b: ['driver', 'database'],
      c: ['witness'],
      d: ['worker'],
    });
  });

  it('take several hosts of [driver] for a pool where there is no [management]', () => {
    expect(rolesOf('[driver]\na\nb\nc\n')).toMatchObject({ a: ['driver', 'database'], c: ['driver', 'database'] });
  });

  it('make a host of [driver] a worker where [management] names others', () => {
    expect(rolesOf('[management]\na\nb\nc\n[driver]\nd\n')).toMatchObject({ d: ['worker'] });
  });

  it('with a PostgreSQL of the user make servers that share it, any number of them, and no voter', () => {
    const text = '[management]\na\nb\n[management:vars]\nmuster_database_url=postgresql://u:p@db1,db2/muster\n';
    const { hosts } = clusterOf(inventoryOf(text));
    expect(hosts.map(({ roles }) => roles)).toEqual([['driver'], ['driver']]);
    expect(hosts.map((host) => [isVoter(host), sharesDatabase(host)])).toEqual([
      [false, true],
      [false, true],
    ]);
  });

  it.each([
    [
      'two members without a witness',
      '[management]\na\nb\n',
      /two members \(a, b\).*Two full members plus a witness is the smallest pool that survives a loss/u,
    ],
    ['two drivers without a witness', '[driver]\na\nb\n', /name a third machine, also a small one, in \[witness\]/u],
    ['an even number of voters', '[management]\na\nb\nc\n[witness]\nd\n', /4 voters \(a, b, c, d\), which survive no more losses than 3/u],
    ['two members and two witnesses', '[management]\na\nb\n[witness]\nc\nd\n', /one machine more or one fewer/u],
    [
      'one member and a witness',
      '[driver]\na\n[witness]\nb\n',
      /1 management server and 1 in \[witness\]\. Two full members plus a witness/u,
    ],
    ['a witness that is a member', '[management]\na\nb\n[witness]\nb\n', /b is a management server and in \[witness\]/u],
    [
      'a witness beside a database of the user',
      '[driver]\na muster_database_url=postgresql://x/y\n[witness]\nb\n',
      /Take \[witness\] out/u,
    ],
    ['different databases', '[driver]\na muster_database_url=postgresql://x/y\nb\n', /b has no muster_database_url.*to one value/u],
  ])('refuse %s, with the reason and what to do', (_what, inventory, said) => {
    expect(() => clusterOf(inventoryOf(inventory))).toThrow(said);
  });

  it('never show the password of a database', () => {
    const text = '[driver]\na muster_database_url=postgresql://u:secret@x/y\nb muster_database_url=postgresql://u:other@x/y\n';
    expect(() => clusterOf(inventoryOf(text))).toThrow(/^(?!.*secret).*different databases/su);
  });
});
