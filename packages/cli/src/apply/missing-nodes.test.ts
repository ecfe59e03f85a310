import { describe, expect, it } from 'vitest';
import { missingLines, settleMissing } from './missing-nodes.ts';

/** A server with these nodes of inventories, which keeps what it is told. */
function serverWith(names: readonly string[], silent: readonly string[] = []) {
  const told: string[] = [];
  return {
    told,
    nodesOfInventory: names.map((name) => ({ name, isHeard: !silent.includes(name) })),
    muster: (args: readonly string[]) => {
      told.push(args.join(' '));
      return Promise.resolve('');
    },
  };
}
const named = new Set(['boss', 'web1']);
const nodes = ['boss', 'web1', 'web2', 'web3'];

describe('nodes that the inventory does not name any more', () => {
  it('are none where all are named', async () => {
    expect(await settleMissing(serverWith(['boss', 'web1']), named, { removeMissing: true, yes: true })).toEqual({ left: [], removed: [] });
  });

  it('are named and left, unless removing was asked for and confirmed', async () => {
    const server = serverWith(nodes);
    const left = { left: ['web2', 'web3'], removed: [] };
    expect(await settleMissing(server, named, {})).toEqual(left);
    expect(await settleMissing(server, named, { yes: true })).toEqual(left);
    expect(await settleMissing(server, named, { removeMissing: true, yes: true, dryRun: true })).toEqual(left);
    expect(await settleMissing(server, named, { removeMissing: true })).toEqual(left);
    expect(server.told).toEqual([]);
    expect(missingLines(left, 'boss').join('\n')).toMatch(
      /web2, web3.*--remove-missing, or on boss:\n {2}sudo muster node remove web2,web3 --yes$/su,
    );
  });

  it('are drained where they are heard, and removed', async () => {
    const server = serverWith(nodes, ['web3']);
    const settled = await settleMissing(server, named, { removeMissing: true, yes: true });
    expect(settled).toEqual({ left: [], removed: ['web2', 'web3'] });
    expect(server.told).toEqual([
      'node drain web2 --reason not in the inventory any more --deadline 4m --wait',
      'node remove web2,web3 --yes',
    ]);
    expect(missingLines(settled, 'boss')).toEqual(['Removed, because not in the inventory any more: web2, web3']);
  });

  it('stay where they cannot be drained, with the reason', async () => {
    const server = { ...serverWith(nodes), muster: () => Promise.reject(new Error('Not drained by the deadline: web2.')) };
    const settled = await settleMissing(server, named, { removeMissing: true, yes: true });
    expect(settled).toEqual({ left: ['web2', 'web3'], removed: [], problem: 'Not drained by the deadline: web2.' });
    expect(missingLines(settled, 'boss')[0]).toBe('Not removed: Not drained by the deadline: web2.');
  });
});
