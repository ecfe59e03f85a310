import { randomUUID } from 'node:crypto';
import { withStore } from '@muster/testkit';
import { expect, it } from 'vitest';
import { nodeCreate } from '../../test/builders.ts';

it('keeps what was decided for each node, and what an administrator wants', async () => {
  const { store } = await withStore();
  const [one, two] = [await store.nodes.add(nodeCreate('one', { labels: { zone: 'r1' } })), await store.nodes.add(nodeCreate('two'))];
  const shown = async () => new Map((await store.places.list()).map(({ nodeId, ...rest }) => [nodeId, rest]));
  expect(await shown()).toEqual(
    new Map([
      [one.id, { zone: 'r1', servers: [], wish: [] }],
      [two.id, { zone: null, servers: [], wish: [] }],
    ]),
  );
  await store.places.save([]);
  await store.places.save([
    { nodeId: one.id, servers: ['a', 'b'] },
    { nodeId: randomUUID(), servers: ['a'] },
  ]);
  await store.places.wish([one.id, two.id], { id: 'b', name: 'driver2' }, 'ada');
  await store.places.save([{ nodeId: two.id, servers: ['b', 'a'] }]);
  expect((await shown()).get(one.id)).toEqual({ zone: 'r1', servers: ['a', 'b'], wish: ['b'] });
  expect((await shown()).get(two.id)).toEqual({ zone: null, servers: ['b', 'a'], wish: ['b'] });
  await store.places.wish([one.id], null, 'ada');
  expect((await shown()).get(one.id)?.wish).toEqual([]);
  expect((await store.events.list({ limit: 2 })).map(({ message }) => message)).toEqual([
    '1 node goes where the pool puts them (ada).',
    '2 nodes go to driver2 (ada).',
  ]);
  await store.nodes.remove(one.id);
  expect((await shown()).size).toBe(1);
});
